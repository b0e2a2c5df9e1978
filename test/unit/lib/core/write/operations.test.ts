import fc from "fast-check";
import should from "should";

import { writeBatch } from "../../../../../lib/core/write/writeBatch";
import { OPERATIONS } from "../../../../../lib/core/validation/writeInput";
import type { OperationName } from "../../../../../lib/types";
import { RawSource, sourceOf } from "../../../../../lib/core/RawSource";
import type { WriteDocument } from "../../../../../lib/core/commands";
import { writeCommand } from "../../../../support/commands";
import { failureOf, lostCall } from "../../../../support/failures";
import { DocumentModel } from "../../../../support/DocumentModel";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

const STAMP = { at: 42, userId: "alyx" };
const CREATED = {
  author: "alyx",
  createdAt: 42,
  updatedAt: null,
  updater: null,
};
const UPDATED = { updatedAt: 42, updater: "alyx" };

type Asked = Partial<WriteDocument> & Pick<WriteDocument, "op">;

function operations(...asked: Asked[]): WriteDocument[] {
  return asked.map((each, position) => ({
    position,
    isNamed: true,
    collection: "yellow",
    _id: "a",
    body: each.op === "delete" ? {} : { n: position },
    ...each,
  }));
}

function send(store: FakeStore, asked: Asked[], settings = {}, command = {}) {
  return writeBatch(
    writeCommand({ documents: operations(...asked), stamp: STAMP, ...command }),
    testEngine(store, settings),
  );
}

describe("writeBatch of any operations", () => {
  const NEW: Array<[OperationName, object]> = [
    ["create", { n: 0, _kuzzle_info: CREATED }],
    ["createOrReplace", { n: 0, _kuzzle_info: CREATED }],
    ["write", { n: 0 }],
    ["upsert", { n: 0, _kuzzle_info: { author: "alyx", createdAt: 42 } }],
  ];
  for (const [op, stored] of NEW) {
    it(`[M1] ${op} makes a document that is not there`, async () => {
      const store = new FakeStore();
      const { successes } = await send(store, [{ op }]);

      should(successes).containDeep([
        { op, collection: "yellow", result: "created", status: 201 },
      ]);
      should(store.sourceOf("yellow", "a")).eql(stored);
    });
  }

  for (const op of ["replace", "update", "delete"] as const) {
    it(`[M1, R2] ${op} does not find a document that is not there`, async () => {
      const store = new FakeStore();
      const { errors } = await send(store, [{ op }]);

      should(errors).containDeep([
        {
          op,
          collection: "yellow",
          status: 404,
          code: "not_found",
          reason: "document not found",
        },
      ]);
      should(store.sourceOf("yellow", "a")).be.undefined();
    });
  }

  const OLD: Array<[OperationName, object | undefined]> = [
    ["createOrReplace", { n: 0, _kuzzle_info: CREATED }],
    ["replace", { n: 0, _kuzzle_info: CREATED }],
    ["write", { n: 0 }],
    ["update", { old: 1, n: 0, _kuzzle_info: UPDATED }],
    ["upsert", { old: 1, n: 0, _kuzzle_info: UPDATED }],
    ["delete", undefined],
  ];
  for (const [op, stored] of OLD) {
    it(`[M1] ${op} changes a document that is there`, async () => {
      const store = new FakeStore();
      store.put("yellow", "a", { old: 1 });
      const { successes } = await send(store, [{ op }]);

      should(successes).containDeep([{ op, status: 200 }]);
      should(store.sourceOf("yellow", "a")).eql(stored);
    });
  }

  it("[M1] create leaves a document that is there", async () => {
    const store = new FakeStore();
    store.put("yellow", "a", { old: 1 });
    const { errors } = await send(store, [{ op: "create" }]);

    should(errors).containDeep([
      {
        status: 400,
        code: "version_conflict",
        reason: "document already exists",
        retryable: false,
      },
    ]);
    should(store.sourceOf("yellow", "a")).eql({ old: 1 });
  });

  it("[M1] upsert takes the defaults for what it makes, and they win", async () => {
    const store = new FakeStore();
    const defaults = { m: 1, n: "default", _kuzzle_info: { author: "me" } };
    await send(store, [{ op: "upsert", defaults }]);

    should(store.sourceOf("yellow", "a")).eql({
      m: 1,
      n: "default",
      _kuzzle_info: { author: "alyx", createdAt: 42 },
    });
  });

  it("[M1, R13] keeps each number of a document sent as text", async () => {
    const store = new FakeStore();
    const text = RawSource.ofText('{"n":1306415010221662247}');
    const defaults = RawSource.ofText('{"n":2306415010221662247,"m":1.10}');
    await send(store, [
      { op: "create", body: text },
      { op: "update", body: text },
      { op: "upsert", body: text, defaults },
    ]);
    const payloads = store.sentItems.map(({ payload }) => payload);

    should(payloads[0]).startWith('{"n":1306415010221662247,"_kuzzle_info"');
    should(payloads[1]).containEql('"doc":{"n":1306415010221662247,');
    should(payloads[2]).containEql(
      '"upsert":{"n":2306415010221662247,"m":1.10,',
    );
  });

  it("[M2] sends all collections in one call, and answers in the order of the request", async () => {
    const store = new FakeStore();
    store.put("green", "b", {});
    const { successes } = await send(store, [
      { op: "create" },
      { op: "delete", collection: "green", _id: "b" },
      { op: "write", _id: "c" },
      { op: "upsert", collection: "green" },
    ]);

    should(store.bulkCalls).have.length(1);
    should(successes.map(({ collection, _id }) => [collection, _id])).eql([
      ["yellow", "a"],
      ["green", "b"],
      ["yellow", "c"],
      ["green", "a"],
    ]);
  });

  it("[M2, W4] takes the same id in two collections for two documents", async () => {
    const store = new FakeStore();
    const { stats } = await send(store, [
      { op: "write" },
      { op: "write", collection: "green" },
    ]);

    should(store.bulkCalls).have.length(1);
    should(stats).containEql({ unique: 2, duplicates: 0 });
  });

  it("[M1, U2] replaces a document that was modified concurrently", async () => {
    const store = new FakeStore();
    store.put("yellow", "a", { old: 1 });
    let conflicts = 0;
    store.script.bulkItem = () => {
      if (conflicts++ > 0) {
        return undefined;
      }
      store.put("yellow", "a", { theirs: 1 });
      return failureOf("version_conflict");
    };
    const { successes, stats } = await send(
      store,
      [{ op: "replace" }],
      {},
      { retryOnConflict: 1 },
    );

    should(successes).containDeep([{ attempts: 2 }]);
    should(stats).containEql({ conflicts: 1, retries: 1 });
    should(store.sourceOf("yellow", "a")).containEql({ n: 0 });
  });

  it("[M1, R9] a replace whose retries are used up may be sent again", async () => {
    const store = new FakeStore();
    store.put("yellow", "a", { old: 1 });
    store.script.bulkItem = () => {
      store.put("yellow", "a", { theirs: 1 });
      return failureOf("version_conflict");
    };
    const { errors } = await send(store, [{ op: "replace" }]);

    should(errors).containDeep([
      { code: "version_conflict", status: 409, retryable: true },
    ]);
  });

  it("[M1] reads a document before deleting it only if it is needed", async () => {
    for (const isWanted of [true, false]) {
      const store = new FakeStore();
      store.put("yellow", "a", { old: 1 });
      const { successes } = await send(
        store,
        [{ op: "delete" }],
        {},
        { wantsSource: () => isWanted },
      );
      const [deleted] = successes;

      should(sourceOf(deleted!)).eql(isWanted ? { old: 1 } : undefined);
      should(store.sentItems[0]?.precondition !== undefined).equal(isWanted);
    }
  });

  it("[M2, R10] sends nothing more to a document of which it is not known what became", async () => {
    const store = new FakeStore();
    let calls = 0;
    store.script.bulkCall = () =>
      calls++ === 0 ? { error: lostCall() } : undefined;
    const { errors, successes } = await send(store, [
      { op: "create" },
      { op: "delete" },
      { op: "create", collection: "green" },
    ]);

    should(successes).eql([]);
    should(errors.map(({ code }) => code)).eql([
      "unknown_outcome",
      "unavailable",
      "unknown_outcome",
    ]);
  });

  it("[M3, W2] strict reads the mapping of each collection, and names the place", async () => {
    const store = new FakeStore({
      describe: () => ({
        uuid: "uuid",
        mappings: { dynamic: "strict", properties: { n: { type: "long" } } },
        hasPipeline: false,
        ignoreMalformed: false,
      }),
    });
    const { errors, completeness } = await send(
      store,
      [
        { op: "delete" },
        { op: "create", body: { x: 1 } },
        { op: "upsert", collection: "green", defaults: { x: 1 } },
      ],
      {},
      { strict: true },
    );

    should(completeness).equal("refused");
    should(store.calls.map(({ kind }) => kind)).eql(["describe", "describe"]);
    should(errors.map(({ reason }) => reason.split(":")[0])).eql([
      "operations[1].create.body.x",
      "operations[2].upsert.default.x",
    ]);
  });

  it("[M2, W4] any list of operations leaves the same as an in-memory model", async () => {
    const operation = fc.record({
      op: fc.constantFrom(...OPERATIONS),
      collection: fc.constantFrom("yellow", "green"),
      _id: fc.constantFrom("a", "b", "c"),
      field: fc.constantFrom("x", "y"),
      ifAbsent: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 25 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (list, writeChunkDocuments, wantsDeleted) => {
          const store = new FakeStore();
          const model = new DocumentModel();
          for (const { collection, _id } of list.slice(0, 2)) {
            store.put(collection, _id, { first: true });
            model.rows.set(`${collection}/${_id}`, { first: true });
          }
          const asked = list.map(({ field, op, ifAbsent, ...each }, n) => ({
            ...each,
            op,
            body: op === "delete" ? {} : { [field]: n },
            ...(op === "upsert" && { defaults: { z: n } }),
            ...(op === "write" && ifAbsent && { ifAbsent }),
          }));
          const { successes, errors } = await send(
            store,
            asked,
            { writeChunkDocuments },
            {
              wantsSource: ({ op }: WriteDocument) =>
                wantsDeleted || op !== "delete",
            },
          );
          const expected = operations(...asked).map((each) =>
            model.apply(each),
          );

          should(successes.map(({ position }) => position)).eql(
            [...expected.keys()].filter((i) => expected[i] === "done"),
          );
          should(errors.map(({ position, code }) => [position, code])).eql(
            [...expected.entries()].filter(([, code]) => code !== "done"),
          );
          for (const collection of ["yellow", "green"]) {
            for (const _id of ["a", "b", "c"]) {
              const { _kuzzle_info: _, ...content } =
                store.sourceOf(collection, _id) ?? {};
              const row = model.rows.get(`${collection}/${_id}`);
              should(content).eql(row ?? {});
            }
          }
        },
      ),
    );
  });
});
