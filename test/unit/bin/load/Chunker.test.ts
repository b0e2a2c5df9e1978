import fc from "fast-check";
import should from "should";

import { type Chunk, Chunker } from "../../../../bin/load/Chunker";
import { BODY_BYTES, bodyOf, CREATE, UPSERT } from "../../../../bin/load/wrap";
import type { Row } from "../../../../bin/input/rows";
import { documentRow, rejectedRow } from "../support";

function chunksOf(
  rows: readonly Row[],
  limits: { maxBytes: number; maxDocuments: number },
): Chunk[] {
  const chunker = new Chunker(limits);
  const chunks = rows.flatMap((row) => chunker.add(row) ?? []);
  return [...chunks, ...[chunker.close()].flatMap((last) => last ?? [])];
}

const rowsOf = (kinds: readonly boolean[]): Row[] =>
  kinds.map((isDocument, i) =>
    isDocument ? documentRow(i + 1, "x".repeat(i % 40)) : rejectedRow(i + 1),
  );

describe("Chunker", () => {
  it("has each row once, in its order, and no request that is too large", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 60 }),
        fc.integer({ min: 100, max: 400 }),
        fc.integer({ min: 1, max: 7 }),
        (kinds, maxBytes, maxDocuments) => {
          const rows = rowsOf(kinds);
          const chunks = chunksOf(rows, { maxBytes, maxDocuments });
          should(
            chunks.flatMap(({ documents, rejected }) =>
              [...documents, ...rejected].sort((a, b) => a.row - b.row),
            ),
          ).eql(rows);
          for (const { documents, rejected, end, rows: last } of chunks) {
            should(documents.length).be.belowOrEqual(maxDocuments);
            if (documents.length > 0) {
              const body = bodyOf(documents);
              should(body.length).be.belowOrEqual(maxBytes);
              should(JSON.parse(body.toString()).documents).have.length(
                documents.length,
              );
            }
            const own = [...documents, ...rejected].map(({ row }) => row);
            should(last).equal(Math.max(...own));
            should(end).equal(last * 10);
          }
        },
      ),
    );
  });

  it("fills requests as far as they go, and makes the same ones from the same row on", () => {
    const rows = rowsOf(Array.from({ length: 200 }, () => true));
    const limits = { maxBytes: 500, maxDocuments: 100 };
    const chunks = chunksOf(rows, limits);
    chunks.slice(0, -1).forEach(({ documents }, i) => {
      const next = chunks[i + 1]?.documents[0]?.wire.length ?? 0;
      const size = documents.reduce(
        (sum, { wire }) => sum + wire.length + 1,
        BODY_BYTES,
      );
      should(size + next + 1).be.above(limits.maxBytes);
    });
    const begin = chunks[1]?.rows as number;
    should(chunksOf(rows.slice(begin), limits)).eql(chunks.slice(2));
  });

  it("leaves room for what is sent with each row", () => {
    for (const wrap of [CREATE, UPSERT]) {
      const limits = { maxBytes: 200, maxDocuments: 100 };
      const chunker = new Chunker(limits, wrap);
      const rows = Array.from({ length: 20 }, (_, i) => documentRow(i + 1));
      const chunks = [
        ...rows.flatMap((row) => chunker.add(row)),
        ...chunker.close(),
      ];
      should(chunks.flatMap(({ documents }) => documents)).have.length(20);
      for (const { documents } of chunks) {
        const body = bodyOf(documents, wrap);
        should(body.length).be.belowOrEqual(200);
        const sent = JSON.parse(body.toString());
        for (const each of sent.documents ?? []) {
          should(each).have.property("ifAbsent", true);
        }
        for (const { upsert } of sent.operations ?? []) {
          should(upsert).have.property("_id");
          should(upsert).not.have.property("body");
          should("changes" in upsert || "json" in upsert).be.true();
        }
      }
    }
  });

  it("does not wait for a document when much is rejected", () => {
    const rows = rowsOf(Array.from({ length: 2_500 }, () => false));
    const chunks = chunksOf(rows, { maxBytes: 500, maxDocuments: 5 });
    should(chunks.map(({ rejected }) => rejected.length)).eql([
      1_000, 1_000, 500,
    ]);
  });
});
