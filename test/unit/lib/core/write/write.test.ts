import fc from "fast-check";
import _ from "lodash";
import should from "should";

import { EngineError } from "../../../../../lib/core/ExecutionContext";
import { writeBatch } from "../../../../../lib/core/write/writeBatch";
import type { CollectionDescription } from "../../../../../lib/core/ports/DocumentStore";
import type { WriteInput } from "../../../../../lib/types";
import type {
  AskedWrite,
  BatchCommand,
  ValidationError,
} from "../../../../../lib/core/commands";
import { documents, writeCommand } from "../../../../support/commands";
import { failureOf, lostCall, refusedCall } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

const STRICT_MAPPING: CollectionDescription = {
  uuid: "uuid",
  mappings: { dynamic: "strict", properties: { n: { type: "long" } } },
  hasPipeline: false,
  ignoreMalformed: false,
};

/** Common to all of them. */
const WRITTEN = {
  op: "write",
  collection: "yellow",
  _primary_term: 1,
  _shards: { total: 2, successful: 1, failed: 0 },
  attempts: 1,
};

function defectAt(
  position: number,
  asked: WriteInput,
): ValidationError<AskedWrite> {
  return {
    position,
    asked: { document: asked },
    failure: failureOf("invalid"),
  };
}

/** Three documents, of which the middle one is invalid. */
function withDefect(extra: Partial<BatchCommand> = {}): BatchCommand {
  const [first, , third] = documents(["a", "b", "c"]);
  return writeCommand({
    documents: [first, third].filter((each) => each !== undefined),
    validationErrors: [defectAt(1, { _id: 7, body: { n: 1 } })],
    ...extra,
  });
}

describe("writeBatch of writes", () => {
  it("answers what was written, with its source, versions and position", async () => {
    const store = new FakeStore();
    store.put("yellow", "b", { old: true });
    const result = await writeBatch(
      writeCommand({ documents: documents(["a", "b"]) }),
      testEngine(store),
    );

    should(result.completeness).equal("complete");
    should(result.successes).eql([
      {
        ...WRITTEN,
        _id: "a",
        _source: { n: 0 },
        _version: 1,
        _seq_no: 1,
        result: "created",
        status: 201,
        position: 0,
      },
      {
        ...WRITTEN,
        _id: "b",
        _source: { n: 1 },
        _version: 2,
        _seq_no: 2,
        result: "updated",
        status: 200,
        position: 1,
      },
    ]);
    should(store.sourceOf("yellow", "b")).eql({ n: 1 });
  });

  it("sends the body as it is, and the conditions with it", async () => {
    const store = new FakeStore();
    const precondition = { ifSeqNo: 3, ifPrimaryTerm: 1 };
    const [a, b, c] = documents(["a", "b", "c"]);
    await writeBatch(
      writeCommand({
        documents: [
          { ...a!, body: { deep: { é: [null, 1.5, "\u2028"] } } },
          { ...b!, ifAbsent: true },
          { ...c!, precondition },
        ],
      }),
      testEngine(store),
    );

    const collection = "yellow";
    const sent = store.sentItems.map((item) =>
      _.omitBy(item, (value) => value === undefined),
    );
    should(sent).eql([
      {
        operation: "index",
        collection,
        _id: "a",
        payload: '{"deep":{"é":[null,1.5,"\u2028"]}}',
      },
      { operation: "create", collection, _id: "b", payload: '{"n":1}' },
      {
        operation: "index",
        collection,
        _id: "c",
        payload: '{"n":2}',
        precondition,
      },
    ]);
  });

  it("[W1] writes the sound documents when others have validation errors", async () => {
    const store = new FakeStore();
    const result = await writeBatch(withDefect(), testEngine(store));

    should(result.completeness).equal("incomplete");
    should(result.successes.map(({ position }) => position)).eql([0, 2]);
    should(result.errors).eql([
      {
        document: { _id: 7, body: { n: 1 } },
        position: 1,
        ...failureOf("invalid"),
      },
    ]);
    should(store.calls.map(({ kind }) => kind)).eql(["bulk"]);
  });

  it("[W1] without strict the mapping is the engine's business alone", async () => {
    const store = new FakeStore({ describe: () => STRICT_MAPPING });
    await writeBatch(
      writeCommand({ documents: documents(["a"], { body: { unknown: 1 } }) }),
      testEngine(store),
    );
    should(store.calls.map(({ kind }) => kind)).eql(["bulk"]);
  });

  it("[W2] strict writes nothing when a document has a validation error, and reports all of them", async () => {
    const store = new FakeStore({ describe: () => STRICT_MAPPING });
    const [a, , c, d] = documents(["a", "b", "c", "d"]);
    const result = await writeBatch(
      writeCommand({
        strict: true,
        documents: [
          a!,
          { ...c!, body: { n: "word" } },
          { ...d!, body: { x: 1 } },
        ],
        validationErrors: [defectAt(1, { _id: 7, body: {} })],
      }),
      testEngine(store),
    );

    should(store.bulkCalls).eql([]);
    should(result.completeness).equal("refused");
    should(result.successes).eql([]);
    should(result.errors.map(({ position, code }) => [position, code])).eql([
      [1, "invalid"],
      [2, "mapping"],
      [3, "mapping"],
    ]);
    should(result.stats).containEql({ requested: 4, written: 0, errors: 3 });
  });

  it("[W2] strict writes nothing when the only validation error is one of the request", async () => {
    const store = new FakeStore();
    const result = await writeBatch(
      withDefect({ strict: true }),
      testEngine(store),
    );

    should(store.bulkCalls).eql([]);
    should(result.completeness).equal("refused");
  });

  it("[W2] strict writes all where there is no validation error", async () => {
    const store = new FakeStore({ describe: () => STRICT_MAPPING });
    const result = await writeBatch(
      writeCommand({ strict: true, documents: documents(["a", "b"]) }),
      testEngine(store),
    );

    should(result.completeness).equal("complete");
    should(result.successes).have.length(2);
  });

  it("[W2] strict is incomplete, with the rest written, where only the engine sees a validation error", async () => {
    const store = new FakeStore();
    store.script.bulkItem = ({ _id }) =>
      _id === "b" ? failureOf("mapping") : undefined;
    const result = await writeBatch(
      writeCommand({ strict: true, documents: documents(["a", "b", "c"]) }),
      testEngine(store),
    );

    should(result.completeness).equal("incomplete");
    should(result.successes.map(({ _id }) => _id)).eql(["a", "c"]);
    should(result.errors).eql([
      {
        op: "write",
        collection: "yellow",
        document: { _id: "b", body: { n: 1 } },
        position: 1,
        ...failureOf("mapping"),
      },
    ]);
  });

  it("[W2] strict sends nothing when the mapping cannot be read", async () => {
    const store = new FakeStore();
    store.script.describe = () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    await writeBatch(
      writeCommand({ strict: true, documents: documents(["a"]) }),
      testEngine(store),
    ).should.be.rejectedWith(EngineError);

    should(store.bulkCalls).eql([]);
  });

  it("[R9] a broken condition is a conflict that is not retried", async () => {
    const store = new FakeStore();
    store.put("yellow", "a", {});
    store.put("yellow", "b", {});
    const [a, b] = documents(["a", "b"]);
    const { errors } = await writeBatch(
      writeCommand({
        documents: [
          { ...a!, ifAbsent: true },
          { ...b!, precondition: { ifSeqNo: 99, ifPrimaryTerm: 1 } },
        ],
      }),
      testEngine(store),
    );

    should(errors).containDeep([
      { position: 0, code: "version_conflict", retryable: false },
      { position: 1, code: "version_conflict", retryable: false },
    ]);
    should(store.bulkCalls).have.length(1);
  });

  it("[I1] counts ids, repeats, writes and errors", async () => {
    const store = new FakeStore();
    let sent = 0;
    store.script.bulkItem = ({ _id }) =>
      _id === "b" && sent++ === 0 ? failureOf("rejected") : undefined;
    const { stats } = await writeBatch(
      writeCommand({
        documents: documents(["a", "b", "a"]),
        validationErrors: [defectAt(3, { _id: 7, body: {} })],
      }),
      testEngine(store),
    );

    should(stats).containEql({
      requested: 4,
      unique: 3,
      duplicates: 1,
      written: 3,
      errors: 1,
      conflicts: 0,
      retries: 1,
      engineCalls: 3,
      engineTookMs: 3,
    });
    should(Object.values(stats).every(Number.isInteger)).be.true();
  });

  it("[R1, R3] puts each position into one list, in order, for any behaviour of the engine", async () => {
    const fate = fc.constantFrom(
      undefined,
      undefined,
      failureOf("rejected"),
      failureOf("unavailable"),
      failureOf("mapping"),
      failureOf("version_conflict"),
      failureOf("unknown_outcome"),
    );
    const entry = fc.record({
      _id: fc.constantFrom("a", "b", "c", "d", "e"),
      isDefect: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 20 }),
        fc.array(fate, { minLength: 1, maxLength: 20 }),
        fc.array(fc.constantFrom("ok", "ok", "refused", "lost"), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (entries, fates, callFates, writeChunkDocuments) => {
          let item = 0;
          let call = 0;
          const store = new FakeStore({
            bulkItem: () => fates[item++ % fates.length],
            bulkCall: () => {
              switch (callFates[call++ % callFates.length]) {
                case "refused":
                  return { error: refusedCall() };
                case "lost":
                  return { error: lostCall(), appliedLate: 1 };
                default:
                  return undefined;
              }
            },
          });
          const all = documents(entries.map(({ _id }) => _id));
          const result = await writeBatch(
            writeCommand({
              documents: all.filter((_, i) => !entries[i]?.isDefect),
              validationErrors: all
                .filter((_, i) => entries[i]?.isDefect)
                .map(({ position, _id, body }) =>
                  defectAt(position, { _id, body }),
                ),
            }),
            testEngine(store, { writeChunkDocuments, maxRetries: 1 }),
          );
          const done = result.successes.map(({ position }) => position);
          const failed = result.errors.map(({ position }) => position);

          should([...done, ...failed].sort((a, b) => a - b)).eql([
            ...entries.keys(),
          ]);
          should(done).eql([...done].sort((a, b) => a - b));
          should(failed).eql([...failed].sort((a, b) => a - b));
          result.errors.forEach(({ document, position }) => {
            should(document._id).equal(entries[position]?._id);
            should(document.body).eql({ n: position });
          });
          result.successes.forEach(({ _id, _source, position }) => {
            should(_id).equal(entries[position]?._id);
            should(_source).eql({ n: position });
          });
          should(result.stats).containEql({
            written: done.length,
            errors: failed.length,
          });
        },
      ),
    );
  });
});
