import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

import {
  bodyOf,
  BODY_BYTES,
  DELETE,
  wrapBytes,
} from "../../../../bin/load/wrap";
import { IdList } from "../../../../bin/search/IdList";

describe("a list of ids", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "ids-"))));
  after(() => rmSync(folder, { recursive: true }));

  const ODD = ['"', "\\", 'x","body":{', "é", "a b", "z".repeat(100)];

  async function* pages() {
    yield ODD;
    yield Array.from({ length: 50 }, (_, i) => `id ${i}`);
  }

  it("is read in requests that are no larger than they may be, each id once", async () => {
    const list = await IdList.fill(
      path.join(folder, "ids"),
      pages(),
      () => undefined,
    );
    const beside = '{"_id":}'.length + wrapBytes(DELETE);
    const max = 400;
    const ids: string[] = [];
    const start = { offset: 0, row: 0 };
    for await (const batch of list.read(start, () => 20, max, beside)) {
      const body = bodyOf(
        batch.map(({ row, id }) => ({
          row,
          wire: Buffer.from(JSON.stringify({ _id: id })),
        })),
        DELETE,
      );
      should(body.length).be.belowOrEqual(max + BODY_BYTES);
      const { operations } = JSON.parse(body.toString());
      ids.push(...operations.map((each: any) => each.delete._id));
      should(batch.at(-1)?.row).equal(ids.length);
    }
    should(ids).eql([
      ...ODD,
      ...Array.from({ length: 50 }, (_, i) => `id ${i}`),
    ]);
    should(list.count).equal(56);
  });
});
