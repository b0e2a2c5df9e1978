import { setImmediate as settled } from "node:timers/promises";

import { HttpStream } from "kuzzle";
import should from "should";
import sinon from "sinon";

import { FakeStore } from "../../../support/FakeStore";
import {
  controllerWith,
  NO_INSTRUMENTS,
  run,
} from "../../../support/controller";
import { failureOf } from "../../../support/failures";
import { becomeKuzzle } from "../../../support/kuzzle";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
} from "../../../support/request";

function storeWith(documents: Record<string, string[]>): FakeStore {
  const store = new FakeStore();
  for (const [collection, ids] of Object.entries(documents)) {
    ids.forEach((_id) => store.put(collection, _id, { at: collection }));
  }
  return store;
}

function get(
  body: unknown,
  {
    store = storeWith({ yellow: ["a", "b"], green: ["b"] }),
    kuzzle = kuzzleServices(),
    args = {},
    limits = {},
    user = userWith(() => true),
  } = {},
) {
  const controller = controllerWith(store, kuzzle, limits);
  return run(
    controller,
    kuzzleRequest({ index: "nyc", body, ...args }, { user }),
  );
}

describe("batch:batchGet", () => {
  it("looks ids up in the whole index", async () => {
    const answer = await get({ ids: ["b", "x", "a"] });

    should(
      answer.documents.map((each: any) => `${each.collection}/${each._id}`),
    ).eql(["yellow/b", "green/b", "yellow/a"]);
    should(answer.not_found).eql(["x"]);
    should(answer.errors).eql([]);
    should(answer.unprocessed).eql([]);
    should(answer.stats).containEql({ requested: 3, found: 3, notFound: 1 });
  });

  it("[R5] does not search collections without the right", async () => {
    const store = storeWith({ yellow: ["a"], green: ["a", "b"] });
    const user = userWith(({ collection }) => collection === "yellow");
    const answer = await get({ ids: ["a", "b"] }, { store, user });

    should(answer.documents.map((each: any) => each.collection)).eql([
      "yellow",
    ]);
    should(answer.not_found).eql(["b"]);
    should(
      store.getCalls.flatMap(({ addresses }) =>
        addresses.map(({ collection }) => collection),
      ),
    ).eql(["yellow", "yellow"]);
  });

  it("[R5] rejects the whole request for one named collection without the right", async () => {
    const store = storeWith({ yellow: ["a"], green: ["a"] });
    const user = userWith(({ collection }) => collection === "yellow");
    await get(
      {
        documents: [
          { _id: "a", collection: "yellow" },
          { _id: "a", collection: "green" },
        ],
      },
      { store, user },
    ).should.be.rejectedWith({ status: 403 });

    should(store.calls).eql([]);
  });

  it("[R4] looks at the shape first, then rights, then existence, then limits", async () => {
    const nobody = userWith(() => false);
    const everybody = userWith(() => true);
    const kuzzle = kuzzleServices(undefined, { documentsFetchCount: 1 });
    const tooMany = { ids: ["a", "b"] };
    const ROWS: Array<[object, object, number]> = [
      [{ ids: "a" }, { user: nobody, args: { collection: "x" }, kuzzle }, 400],
      [tooMany, { user: nobody, args: { collection: "x" }, kuzzle }, 403],
      [tooMany, { user: everybody, args: { collection: "x" }, kuzzle }, 412],
      [
        tooMany,
        { user: everybody, args: { collection: "yellow" }, kuzzle },
        413,
      ],
    ];
    for (const [body, options, status] of ROWS) {
      await get(body, options).should.be.rejectedWith({ status });
    }
  });

  it("[G3] is a native 413 for more ids than documentsFetchCount, validation errors and duplicates included", async () => {
    const kuzzle = kuzzleServices(undefined, { documentsFetchCount: 2 });
    should((await get({ ids: ["a", "b"] }, { kuzzle })).documents).have.length(
      3,
    );
    for (const ids of [
      ["a", "a", "a"],
      ["a", "b", 7],
    ]) {
      await get({ ids }, { kuzzle }).should.be.rejectedWith({
        status: 413,
        id: "services.storage.get_limit_exceeded",
      });
    }
  });

  it("[G3] is a 413 for more reads than allowed, ids times collections", async () => {
    const limits = { maxLookups: 4 };
    await get({ ids: ["a", "b"] }, { limits });
    await get(
      {
        documents: [
          { _id: "a", collection: "yellow" },
          { _id: "b", collection: "yellow" },
          { _id: "c" },
        ],
      },
      { limits },
    );
    await get({ ids: ["a", "b", "c"] }, { limits }).should.be.rejectedWith({
      status: 413,
      id: "batch.get.too_many_lookups",
      message: /^This request would read 6 documents; at most 4 are allowed/,
    });
  });

  it("[G3] leaves the rest unprocessed, as requested, when the response is full", async () => {
    const store = new FakeStore();
    for (const _id of ["a", "b", "c", "d"]) {
      store.put("yellow", _id, { text: "x".repeat(600) });
    }
    const documents = ["a", "b", "x", "c", "d"].map((_id) => ({
      _id,
      collection: "yellow",
      mine: true,
    }));
    const answer = await get(
      { documents },
      { store, limits: { maxResponseBytes: 1_600, readChunkDocuments: 1 } },
    );

    should(answer.documents.map(({ _id }: any) => _id)).eql(["a", "b"]);
    should(answer.not_found).eql([{ collection: "yellow", _id: "x" }]);
    should(answer.unprocessed).eql(documents.slice(3));
    should(answer.errors).eql([]);
  });

  it("[G3] a document larger than any response is an error, and the rest is returned", async () => {
    const store = storeWith({ yellow: ["a", "c"] });
    store.put("yellow", "b", { text: "x".repeat(5_000) });
    const answer = await get(
      { ids: ["a", "b", "c"] },
      {
        store,
        args: { collection: "yellow" },
        limits: { maxResponseBytes: 1_024 },
      },
    );

    should(answer.documents.map(({ _id }: any) => _id)).eql(["a", "c"]);
    should(answer.errors).containDeep([
      { _id: "b", collection: "yellow", position: 1, code: "too_large" },
    ]);
  });

  it("[G4] strict is content when all is found", async () => {
    const args = { strict: true, collection: "yellow" };
    should((await get({ ids: ["a", "b"] }, { args })).documents).have.length(2);
  });

  it("[G4] strict fails with all that is missing or failed", async () => {
    const store = storeWith({ yellow: ["a"] });
    store.script.getItem = ({ _id }) =>
      _id === "c" ? failureOf("unavailable", 400) : undefined;
    await get(
      { ids: ["a", "b", "c", ""] },
      { store, args: { strict: true, collection: "yellow" } },
    ).should.be.rejectedWith({
      id: "batch.get.incomplete",
      count: 3,
      message: "3 of the 4 requested documents were not returned.",
    });
  });

  describe("format=ndjson", () => {
    let leave: () => void;

    before(() => {
      leave = becomeKuzzle({});
    });

    after(() => leave());

    async function lines(
      body: unknown,
      store: FakeStore,
      kuzzle = kuzzleServices(),
    ): Promise<any[]> {
      const answer: HttpStream = await get(body, {
        store,
        kuzzle,
        args: { format: "ndjson" },
        limits: { readChunkDocuments: 2 },
      });
      should(answer).be.instanceOf(HttpStream);
      let text = "";
      for await (const part of answer.stream) {
        text += String(part);
      }
      should(text === "" || text.endsWith("\n")).be.true();
      return text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    }

    it("[G5] tags each line by its type, and ends with the stats", async () => {
      const store = storeWith({ yellow: ["a", "c"], green: ["a"] });
      const all = await lines({ ids: ["a", 7, "x", "c"] }, store);

      should(all.map(({ type }) => type)).eql([
        "error",
        "document",
        "document",
        "not_found",
        "document",
        "stats",
      ]);
      should(all[0].error).containEql({ _id: 7, position: 1 });
      should(all[1].document).containEql({ _id: "a", collection: "yellow" });
      should(all[3].not_found).equal("x");
      should(all.at(-1).stats).containEql({ requested: 4, found: 3 });
    });

    it("[G5] ends without stats when it breaks off, and logs that", async () => {
      const store = storeWith({ yellow: ["a"] });
      const kuzzle = kuzzleServices();
      store.script.getCall = ({ addresses }) => {
        if (addresses.some(({ _id }) => _id === "z")) {
          throw new TypeError("a mistake of ours");
        }
        return undefined;
      };
      const all = await lines({ ids: ["a", "z"] }, store, kuzzle);

      should(all.map(({ type }) => type)).eql(["document"]);
      sinon.assert.calledOnce(kuzzle.logError);
    });

    it("[G5, I2] sends no more calls, and ends its trace, when the reader disconnects", async () => {
      const store = storeWith({ yellow: [..."abcdefgh"] });
      const fail = sinon.stub();
      const succeed = sinon.stub();
      const answer: HttpStream = await get(
        { ids: [..."abcdefgh"] },
        {
          store,
          args: { format: "ndjson", collection: "yellow" },
          limits: {
            readChunkDocuments: 2,
            instruments: {
              ...NO_INSTRUMENTS,
              start: () => ({ ...NO_INSTRUMENTS.start(""), fail, succeed }),
            },
          },
        },
      );
      for await (const part of answer.stream) {
        should(String(part)).not.be.empty();
        break;
      }
      await settled();

      should(store.getCalls.length).be.below(4);
      sinon.assert.calledOnce(fail);
      sinon.assert.notCalled(succeed);
      should(fail.firstCall.args[0].name).equal("AbortError");
    });
  });
});
