import should from "should";

import { writeBatch } from "../../../../../lib/core/write/writeBatch";
import { documents, updateCommand } from "../../../../support/commands";
import { failureOf, lostCall } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

function storeWith(ids: readonly string[]): FakeStore {
  const store = new FakeStore();
  ids.forEach((_id) => store.put("yellow", _id, { old: _id }));
  return store;
}

describe("writeBatch of updates", () => {
  it("[U1] adds the metadata to each document, and drops the caller's own", async () => {
    const store = storeWith(["a"]);
    await writeBatch(
      updateCommand({
        documents: documents(["a"], {
          body: { b: 1, _kuzzle_info: { updater: "somebody else" } },
        }),
        stamp: { at: 42, userId: "alyx" },
      }),
      testEngine(store),
    );

    should(store.sourceOf("yellow", "a")).eql({
      old: "a",
      b: 1,
      _kuzzle_info: { updatedAt: 42, updater: "alyx" },
    });
  });

  it("answers what the engine did, document by document", async () => {
    const { successes, completeness } = await writeBatch(
      updateCommand({ documents: documents(["b", "a"]) }),
      testEngine(storeWith(["a", "b"])),
    );

    should(completeness).equal("complete");
    should(successes[0]).eql({
      op: "update",
      collection: "yellow",
      _id: "b",
      _version: 2,
      _seq_no: 2,
      _primary_term: 1,
      _shards: { total: 2, successful: 1, failed: 0 },
      result: "updated",
      status: 200,
      attempts: 1,
      position: 0,
    });
    should(successes[1]).containEql({ _id: "a", position: 1 });
  });

  it("[U3] requests the source from the engine only if it is needed", async () => {
    for (const fetchSource of [true, false]) {
      const store = storeWith(["a"]);
      const { successes } = await writeBatch(
        updateCommand({
          documents: documents(["a"]),
          wantsSource: () => fetchSource,
        }),
        testEngine(store),
      );
      const payload = JSON.parse(store.sentItems[0]?.payload ?? "") as object;

      should(payload).have.property("_source", fetchSource);
      should("_source" in successes[0]!).equal(fetchSource);
    }
  });

  it("[U2] tries a conflict again as often as it may, and counts", async () => {
    const store = storeWith(["a", "b"]);
    let conflicts = 0;
    store.script.bulkItem = ({ _id }) =>
      _id === "a" && conflicts++ < 2
        ? failureOf("version_conflict")
        : undefined;
    const { successes, stats } = await writeBatch(
      updateCommand({ documents: documents(["a", "b"]), retryOnConflict: 2 }),
      testEngine(store),
    );

    should(successes.map(({ attempts }) => attempts)).eql([3, 1]);
    should(stats).containEql({ conflicts: 2, retries: 2, updated: 2 });
  });

  it("[U2] retryOnConflict 0 means none", async () => {
    const store = storeWith(["a"]);
    store.script.bulkItem = () => failureOf("version_conflict");
    const { errors } = await writeBatch(
      updateCommand({ documents: documents(["a"]), retryOnConflict: 0 }),
      testEngine(store),
    );

    should(store.bulkCalls).have.length(1);
    should(errors).containDeep([{ code: "version_conflict", position: 0 }]);
  });

  it("[U2] does not retry where the caller set a condition", async () => {
    const store = storeWith(["a"]);
    const precondition = { ifSeqNo: 17, ifPrimaryTerm: 1 };
    const { errors } = await writeBatch(
      updateCommand({
        documents: documents(["a"], { precondition }),
        retryOnConflict: 5,
      }),
      testEngine(store),
    );

    should(store.sentItems).have.length(1);
    should(store.sentItems[0]).containEql({
      operation: "update",
      precondition,
    });
    should(errors[0]).containEql({ code: "version_conflict" });
  });

  it("[W4] applies repeats of an id one after the other", async () => {
    const store = storeWith(["a"]);
    const [first, second] = documents(["a", "a"]);
    await writeBatch(
      updateCommand({
        documents: [
          { ...first!, body: { x: 1, y: 1 } },
          { ...second!, body: { y: 2 } },
        ],
      }),
      testEngine(store),
    );

    should(store.bulkCalls).have.length(2);
    should(store.sourceOf("yellow", "a")).containEql({ x: 1, y: 2 });
  });

  it("[R10] does not send again what has an unknown outcome", async () => {
    const store = storeWith(["a"]);
    store.script.bulkCall = () => ({ error: lostCall() });
    const { errors } = await writeBatch(
      updateCommand({ documents: documents(["a", "a"]), retryOnConflict: 3 }),
      testEngine(store),
    );

    should(store.bulkCalls).have.length(1);
    should(errors.map(({ code }) => code)).eql([
      "unknown_outcome",
      "unavailable",
    ]);
  });

  it("[U4] strict updates nothing when a document has a visible validation error", async () => {
    const store = storeWith(["a", "b"]);
    store.script.describe = () => ({
      uuid: "uuid",
      mappings: { dynamic: "strict", properties: { n: { type: "long" } } },
      hasPipeline: false,
      ignoreMalformed: false,
    });
    const [a, b] = documents(["a", "b"]);
    const result = await writeBatch(
      updateCommand({
        strict: true,
        documents: [a!, { ...b!, body: { unknown: 1 } }],
      }),
      testEngine(store),
    );

    should(result.completeness).equal("refused");
    should(store.bulkCalls).eql([]);
    should(result.stats).containEql({ updated: 0, errors: 1 });
  });

  it("[U4, R2] strict is incomplete where a document is not there, and the rest is updated", async () => {
    const result = await writeBatch(
      updateCommand({ strict: true, documents: documents(["a", "b"]) }),
      testEngine(storeWith(["b"])),
    );

    should(result.completeness).equal("incomplete");
    should(result.successes).have.length(1);
    should(result.errors).containDeep([
      { document: { _id: "a" }, code: "not_found", status: 404 },
    ]);
  });
});
