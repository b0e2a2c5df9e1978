import should from "should";

import { batchGet } from "../../../../../lib/core/read/batchGet";
import type {
  GetResult,
  RequestedDocument,
} from "../../../../../lib/core/commands";
import type { Source } from "../../../../../lib/types";
import { getCommand } from "../../../../support/commands";
import { failureOf, refusedCall } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

function byId(
  ids: readonly string[],
  collection?: string,
): RequestedDocument[] {
  return ids.map((_id, position) => ({
    position,
    _id,
    byAddress: false,
    ...(collection !== undefined && { collection }),
  }));
}

function storeWith(documents: Record<string, string[]>): FakeStore {
  const store = new FakeStore();
  for (const [collection, ids] of Object.entries(documents)) {
    ids.forEach((_id) => store.put(collection, _id, { at: collection }));
  }
  return store;
}

function addressesOf({ documents }: GetResult): string[] {
  return documents.map(({ collection, _id }) => `${collection}/${_id}`);
}

describe("batchGet", () => {
  it("[R2, R3] distinguishes found, missing and failed documents, each in the request's order", async () => {
    const store = storeWith({ yellow: ["b", "d"] });
    store.script.getItem = ({ _id }) =>
      _id === "c" || _id === "f" ? failureOf("unavailable", 400) : undefined;
    const result = await batchGet(
      getCommand({ asked: byId(["a", "d", "c", "e", "b", "f"], "yellow") }),
      testEngine(store),
    );

    should(addressesOf(result)).eql(["yellow/d", "yellow/b"]);
    should(result.missing.map(({ _id }) => _id)).eql(["a", "e"]);
    should(result.errors).eql([
      {
        _id: "c",
        collection: "yellow",
        position: 2,
        ...failureOf("unavailable", 400),
      },
      {
        _id: "f",
        collection: "yellow",
        position: 5,
        ...failureOf("unavailable", 400),
      },
    ]);
    should(result.unprocessed).eql([]);
  });

  it("[R7, R14] fails only the document that is too deep for a mask", async () => {
    const store = storeWith({ yellow: ["flat"] });
    let deep: Source = { b: 1 };
    for (let level = 0; level < 1_500; level++) deep = { a: deep };
    store.put("yellow", "deep", deep);
    for (const isRaw of [false, true]) {
      const result = await batchGet(
        getCommand({
          asked: byId(["deep", "flat"], "yellow"),
          source: { kind: "fields", includes: ["*t"], excludes: [] },
          isRaw,
        }),
        testEngine(store),
      );
      should(addressesOf(result)).eql(["yellow/flat"]);
      should(result.errors).match([
        { _id: "deep", status: 400, code: "other", retryable: false },
      ]);
    }
  });

  it("returns a document with its address, source and versions", async () => {
    const store = storeWith({ yellow: ["a"] });
    const { documents } = await batchGet(
      getCommand({ asked: byId(["a"], "yellow") }),
      testEngine(store),
    );

    should(documents).eql([
      {
        _id: "a",
        index: "nyc",
        collection: "yellow",
        _source: { at: "yellow" },
        _version: 1,
        _seq_no: 0,
        _primary_term: 1,
      },
    ]);
  });

  it("[G2] gives one document for each collection that has the id", async () => {
    const result = await batchGet(
      getCommand({
        asked: byId(["a", "b", "c"]),
        collections: ["yellow", "green", "red"],
      }),
      testEngine(storeWith({ yellow: ["a"], green: ["b", "a"], red: ["a"] })),
    );

    should(addressesOf(result)).eql([
      "yellow/a",
      "green/a",
      "red/a",
      "green/b",
    ]);
    should(result.missing.map(({ _id }) => _id)).eql(["c"]);
  });

  it("[G2] fetches and returns once what is requested twice, at its first position", async () => {
    const store = storeWith({ yellow: ["a", "b"] });
    const result = await batchGet(
      getCommand({ asked: byId(["b", "a", "b", "x", "x", "b"], "yellow") }),
      testEngine(store),
    );

    should(addressesOf(result)).eql(["yellow/b", "yellow/a"]);
    should(result.missing.map(({ position }) => position)).eql([3]);
    should(
      store.getCalls.flatMap(({ addresses }) => addresses.map((a) => a._id)),
    ).eql(["b", "a", "x"]);
    should(result.stats).containEql({
      requested: 6,
      unique: 3,
      duplicates: 3,
    });
  });

  it("[G2] looks up an address once that is requested by id and by address", async () => {
    const store = storeWith({ yellow: ["a"] });
    const asked: RequestedDocument[] = [
      { position: 0, _id: "a", byAddress: true, collection: "yellow" },
      { position: 1, _id: "a", byAddress: true },
    ];
    const result = await batchGet(
      getCommand({ asked, collections: ["green", "yellow"] }),
      testEngine(store),
    );

    should(addressesOf(result)).eql(["yellow/a"]);
    should(result.missing).eql([]);
    should(store.getCalls.flatMap(({ addresses }) => addresses)).eql([
      { collection: "yellow", _id: "a" },
      { collection: "green", _id: "a" },
    ]);
  });

  it("[R2, G2] an id that one collection could not look up is an error, never missing", async () => {
    const store = storeWith({});
    store.script.getItem = ({ collection }) =>
      collection === "green" ? failureOf("unavailable") : undefined;
    const result = await batchGet(
      getCommand({ asked: byId(["a"]), collections: ["yellow", "green"] }),
      testEngine(store, { maxRetries: 0 }),
    );

    should(result.missing).eql([]);
    should(result.errors).containDeep([
      { _id: "a", collection: "green", position: 0, code: "unavailable" },
    ]);
  });

  it("[G2] an id found in one collection is still an error if another failed", async () => {
    const store = storeWith({ yellow: ["a"] });
    store.script.getItem = ({ collection }) =>
      collection === "green" ? failureOf("unavailable", 400) : undefined;
    const result = await batchGet(
      getCommand({ asked: byId(["a"]), collections: ["green", "yellow"] }),
      testEngine(store),
    );

    should(addressesOf(result)).eql(["yellow/a"]);
    should(result.errors).have.length(1);
    should(result.errors[0]).containEql({ _id: "a", collection: "green" });
  });

  it("[R7] puts the validation errors of the request between the engine's errors, by position", async () => {
    const store = storeWith({ yellow: ["c"] });
    store.script.getItem = ({ _id }) =>
      _id === "c" ? undefined : failureOf("other");
    const failure = failureOf("invalid", 400, "ids[1] must be a string");
    const result = await batchGet(
      getCommand({
        requested: 4,
        asked: [0, 2, 3].map((position) => ({
          position,
          _id: "abcd".charAt(position),
          collection: "yellow",
          byAddress: false,
        })),
        validationErrors: [{ position: 1, asked: 17, failure }],
      }),
      testEngine(store),
    );

    should(result.errors.map(({ position }) => position)).eql([0, 1, 3]);
    should(result.errors[1]).eql({ _id: 17, position: 1, ...failure });
    should(result.stats).containEql({ requested: 4, unique: 4, errors: 3 });
  });

  it("[R10] requests rejected documents again, and finds them", async () => {
    const store = storeWith({ yellow: ["a", "b"] });
    let calls = 0;
    store.script.getCall = () => (calls++ === 0 ? refusedCall() : undefined);
    store.script.getItem = ({ _id }) =>
      _id === "b" && calls < 3 ? failureOf("rejected") : undefined;
    const result = await batchGet(
      getCommand({ asked: byId(["a", "b"], "yellow") }),
      testEngine(store),
    );

    should(addressesOf(result)).eql(["yellow/a", "yellow/b"]);
    should(store.getCalls.map(({ addresses }) => addresses.length)).eql([
      2, 2, 1,
    ]);
    should(result.stats).containEql({ retries: 3, engineCalls: 3 });
  });

  it("[R1, R2] makes each id of a failed call an error", async () => {
    const store = storeWith({ yellow: ["a", "b"] });
    store.script.getCall = () => refusedCall();
    const result = await batchGet(
      getCommand({ asked: byId(["a", "b", "c"], "yellow") }),
      testEngine(store, { readChunkDocuments: 2, maxRetries: 1 }),
    );

    should(result.errors.map(({ _id }) => _id)).eql(["a", "b", "c"]);
    should(result.errors.every(({ retryable }) => retryable)).be.true();
    should(result.missing).eql([]);
  });

  it("requests chunks, several at once, with the requested source", async () => {
    const store = storeWith({ yellow: ["a"] });
    store.script.turns = () => 5;
    const source = {
      kind: "fields",
      includes: ["at"],
      excludes: [],
    } as const;
    await batchGet(
      getCommand({
        asked: byId(["a", "b", "c", "d", "e"], "yellow"),
        source,
      }),
      testEngine(store, { readChunkDocuments: 2, maxConcurrency: 2 }),
    );

    should(store.getCalls.map(({ addresses }) => addresses.length)).eql([
      2, 2, 1,
    ]);
    should(store.getCalls[0]).containEql({ index: "nyc", source });
    should(store.busiest).equal(2);
  });

  it("makes no call for an empty request", async () => {
    const store = storeWith({});
    const result = await batchGet(getCommand({}), testEngine(store));

    should(store.calls).eql([]);
    should(result.stats).eql({
      requested: 0,
      unique: 0,
      duplicates: 0,
      found: 0,
      notFound: 0,
      errors: 0,
      conflicts: 0,
      retries: 0,
      engineCalls: 0,
      engineTookMs: 0,
      queueMs: 0,
      tookMs: 0,
    });
  });

  it("[I1] counts what it did, in whole numbers", async () => {
    const store = storeWith({ yellow: ["a"], green: ["a"] });
    const execution = testEngine(store);
    store.script.getCall = () => {
      execution.clock.pass(2.6);
      return undefined;
    };
    const { stats } = await batchGet(
      getCommand({
        asked: byId(["a", "b", "a"]),
        collections: ["yellow", "green"],
      }),
      execution,
    );

    should(stats).eql({
      requested: 3,
      unique: 2,
      duplicates: 1,
      found: 2,
      notFound: 1,
      errors: 0,
      conflicts: 0,
      retries: 0,
      engineCalls: 1,
      engineTookMs: 3,
      queueMs: 0,
      tookMs: 3,
    });
  });
});
