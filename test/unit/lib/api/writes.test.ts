import should from "should";
import sinon from "sinon";

import { EngineError } from "../../../../lib/core/ExecutionContext";
import { FakeStore } from "../../../support/FakeStore";
import { controllerWith, run } from "../../../support/controller";
import { failureOf } from "../../../support/failures";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
} from "../../../support/request";

function send(
  action: "mWrite" | "mUpdate",
  documents: unknown,
  {
    store = new FakeStore(),
    kuzzle = kuzzleServices(),
    args = {},
    user = userWith(() => true),
  } = {},
) {
  return run(
    controllerWith(store, kuzzle),
    kuzzleRequest(
      {
        action,
        index: "nyc",
        collection: "yellow",
        body: { documents },
        ...args,
      },
      { user },
    ),
  );
}

function noticesOf(kuzzle: ReturnType<typeof kuzzleServices>): any[] {
  sinon.assert.calledOnce(kuzzle.notify);
  return kuzzle.notify.firstCall.args[2] as any[];
}

const TWO = [
  { _id: "a", body: { n: 1 } },
  { _id: "b", body: { n: 2 } },
];

for (const action of ["mWrite", "mUpdate"] as const) {
  describe(`batch:${action}`, () => {
    const native = action === "mWrite" ? "bulk:mWrite" : "document:mUpdate";

    it("[R4] looks at the shape first, then rights, then existence", async () => {
      const nobody = userWith(() => false);
      const store = new FakeStore();
      const unknown = { collection: "unknown" };
      await send(action, "no list", {
        store,
        user: nobody,
      }).should.be.rejectedWith({ status: 400 });
      await send(action, TWO, {
        store,
        user: nobody,
        args: { strict: "maybe" },
      }).should.be.rejectedWith({ status: 400 });
      await send(action, TWO, {
        store,
        user: nobody,
        args: unknown,
      }).should.be.rejectedWith({ status: 403 });
      await send(action, TWO, { store, args: unknown }).should.be.rejectedWith({
        status: 412,
      });
      should(store.calls).eql([]);
    });

    it(`[R5] needs ${native} besides its own right`, async () => {
      for (const lacking of [native, `batch:${action}`]) {
        await send(action, TWO, {
          user: userWith(({ right }) => right !== lacking),
        }).should.be.rejectedWith({
          status: 403,
          message: new RegExp(lacking),
        });
      }
    });

    it("[R1, R7, W1] writes the valid ones, and reports where each validation error is", async () => {
      const store = new FakeStore();
      store.put("yellow", "a", {});
      const answer = await send(
        action,
        [{ _id: "", body: {} }, TWO[0], { _id: "c", body: 1 }],
        { store },
      );

      should(answer.successes.map(({ position }: any) => position)).eql([1]);
      should(answer.errors.map((each: any) => each.reason)).eql([
        "documents[0]._id must be a non-empty string.",
        "documents[2].body must be an object.",
      ]);
      should(answer).have.keys("successes", "errors", "stats");
    });

    it("[W2, U4] strict writes nothing when a document is invalid", async () => {
      const store = new FakeStore();
      await send(action, [...TWO, { _id: "c", body: 1 }], {
        store,
        args: { strict: "" },
      }).should.be.rejectedWith({
        id: `batch.${action === "mWrite" ? "write" : "update"}.refused`,
        status: 400,
        count: 1,
      });
      should(store.bulkCalls).eql([]);
    });

    it("[W2, U4] strict reports each that failed, and notifies of all others", async () => {
      const store = new FakeStore();
      store.put("yellow", "a", {});
      store.put("yellow", "b", {});
      store.script.bulkItem = ({ _id }) =>
        _id === "b" ? failureOf("mapping") : undefined;
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(true);
      await send(action, TWO, {
        store,
        kuzzle,
        args: { strict: true, notify: true },
      }).should.be.rejectedWith({
        id: `batch.${action === "mWrite" ? "write" : "update"}.incomplete`,
        count: 1,
      });

      should(noticesOf(kuzzle).map(({ _id }) => _id)).eql(["a"]);
    });

    it("[R8] is a 503 of its own when a strict batch cannot be checked", async () => {
      const store = new FakeStore({
        describe: () => {
          throw new EngineError(failureOf("unavailable"), false);
        },
      });
      await send(action, TWO, {
        store,
        args: { strict: true },
      }).should.be.rejectedWith({
        id: "batch.engine.unavailable",
        status: 503,
      });
    });

    it("[R1] reports what is written even if subscribers cannot be notified", async () => {
      const store = new FakeStore();
      store.put("yellow", "a", {});
      store.put("yellow", "b", {});
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(true);
      kuzzle.notify.rejects(new Error("out of order"));
      const answer = await send(action, TWO, {
        store,
        kuzzle,
        args: { notify: true },
      });

      should(answer.successes).have.length(2);
      sinon.assert.calledOnce(kuzzle.logError);
    });

    it("[W4] hands refresh on", async () => {
      for (const [refresh, expected] of [
        ["wait_for", "wait_for"],
        [undefined, "false"],
      ]) {
        const store = new FakeStore();
        await send(action, TWO, { store, args: { refresh } });
        should(store.bulkCalls[0]?.refresh).equal(expected);
      }
    });
  });
}

describe("batch:mWrite", () => {
  it("returns sources by default", async () => {
    const withSource = await send("mWrite", TWO);
    should(withSource.successes[0]._source).eql({ n: 1 });

    const without = await send("mWrite", TWO, { args: { source: "false" } });
    should(without.successes).have.length(2);
    should(without.successes[0]).not.have.property("_source");
  });

  it("notifies only on request, for each document that was written", async () => {
    const silent = kuzzleServices();
    await send("mWrite", TWO, { kuzzle: silent });
    sinon.assert.notCalled(silent.notify);

    const store = new FakeStore();
    store.put("yellow", "b", {});
    const kuzzle = kuzzleServices();
    kuzzle.hasSubscribers.returns(true);
    await send("mWrite", [...TWO, { _id: "", body: {} }], {
      store,
      kuzzle,
      args: { notify: true },
    });
    should(noticesOf(kuzzle)).eql([
      {
        _id: "a",
        _source: { n: 1 },
        _version: 1,
        created: true,
        result: "created",
        status: 201,
      },
      {
        _id: "b",
        _source: { n: 2 },
        _version: 2,
        created: false,
        result: "updated",
        status: 200,
      },
    ]);
    const [request, action] = kuzzle.notify.firstCall.args;
    should(action).equal("write");
    should(request.input).containDeep({
      controller: "bulk",
      action: "mWrite",
      args: { index: "nyc", collection: "yellow" },
    });
  });

  it("has no limit by count, as native", async () => {
    const kuzzle = kuzzleServices(undefined, { documentsWriteCount: 1 });
    should((await send("mWrite", TWO, { kuzzle })).successes).have.length(2);
  });
});

describe("batch:mUpdate", () => {
  function stored(...ids: string[]): FakeStore {
    const store = new FakeStore();
    ids.forEach((_id) => store.put("yellow", _id, { old: true }));
    return store;
  }

  it("[U1] sets the metadata as native", async () => {
    const store = stored("a");
    await send(
      "mUpdate",
      [{ _id: "a", body: { n: 1, _kuzzle_info: { updater: "mallory" } } }],
      { store },
    );
    const info = store.sourceOf("yellow", "a")?._kuzzle_info as any;

    should(info.updater).equal("alyx");
    should(Date.now() - info.updatedAt).be.within(0, 60_000);
    should(info).have.keys("updatedAt", "updater");
  });

  it("[U1] notifies as native, with each document's own fields", async () => {
    const store = stored("a", "b");
    const kuzzle = kuzzleServices();
    kuzzle.hasSubscribers.returns(true);
    await send(
      "mUpdate",
      [
        { _id: "a", body: { n: 1, deep: { x: 1 } } },
        { _id: "b", body: { m: 1, _kuzzle_info: {} } },
        { _id: "a", body: { k: 1 } },
        { _id: "gone", body: { k: 1 } },
      ],
      { store, kuzzle },
    );
    const notices = noticesOf(kuzzle);

    should(notices.map((each) => [each._id, each._updatedFields])).eql([
      ["a", ["n", "deep.x"]],
      ["b", ["m"]],
      ["a", ["k"]],
    ]);
    should(notices[0]).have.keys(
      "_id",
      "_source",
      "_version",
      "status",
      "_updatedFields",
    );
    should(notices[0]._source).containEql({ old: true, n: 1 });
    should(kuzzle.notify.firstCall.args[1]).equal("update");
  });

  const WHO: Array<[string, object, boolean, boolean]> = [
    ["nobody", {}, false, false],
    ["a subscriber", {}, true, true],
    ["no subscriber, when silent", { silent: true }, true, false],
    ["the caller", { source: true }, false, true],
  ];
  for (const [title, args, hasSubscribers, isFetched] of WHO) {
    it(`[U3] fetches the source ${isFetched ? "for" : "not, for it is needed by"} ${title}`, async () => {
      const store = stored("a");
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(hasSubscribers);
      const { successes } = await send(
        "mUpdate",
        [{ _id: "a", body: { n: 1 } }],
        { store, kuzzle, args: { ...args } },
      );
      const { _source } = JSON.parse(store.sentItems[0]?.payload ?? "");

      should(_source).equal(isFetched);
      should("_source" in successes[0]).equal("source" in args);
      sinon.assert.callCount(
        kuzzle.notify,
        hasSubscribers && !("silent" in args) ? 1 : 0,
      );
    });
  }

  it("[U2] retries as often as requested, or else as Kuzzle is configured; 0 means none", async () => {
    for (const [retryOnConflict, attempts] of [
      [undefined, 3],
      ["1", 2],
      [0, 1],
      ["0", 1],
    ]) {
      const store = stored("a");
      store.script.bulkItem = () => failureOf("version_conflict");
      await send("mUpdate", [{ _id: "a", body: {} }], {
        store,
        kuzzle: kuzzleServices(undefined, { defaultConflictRetries: 2 }),
        args: { retryOnConflict },
      });
      should(store.bulkCalls).have.length(attempts as number);
    }
  });

  it("[R4] holds documentsWriteCount, after rights and existence", async () => {
    const kuzzle = kuzzleServices(undefined, { documentsWriteCount: 1 });
    await send("mUpdate", TWO, { kuzzle }).should.be.rejectedWith({
      status: 413,
      id: "services.storage.write_limit_exceeded",
    });
    await send("mUpdate", TWO, {
      kuzzle,
      args: { collection: "unknown" },
    }).should.be.rejectedWith({ status: 412 });
  });
});
