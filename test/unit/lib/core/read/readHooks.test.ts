import should from "should";
import sinon from "sinon";

import { batchGet } from "../../../../../lib/core/read/batchGet";
import type { ReadHooks } from "../../../../../lib/core/read/readDocuments";
import { sourceOf } from "../../../../../lib/core/RawSource";
import type { SourceSelection } from "../../../../../lib/core/commands";
import type { Source } from "../../../../../lib/types";
import { getCommand } from "../../../../support/commands";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

/** Lets everything pass, except where overridden. */
function guardWith(hooks: Partial<ReadHooks>): ReadHooks {
  return {
    seesDocuments: false,
    before: async (_, ids) => new Set(ids),
    after: async (_, documents) =>
      new Map(documents.map((each) => [each._id, each])),
    ...hooks,
  };
}

function get(hooks: ReadHooks, source: SourceSelection = { kind: "all" }) {
  const store = new FakeStore();
  for (const collection of ["yellow", "green"]) {
    store.put(collection, "a", { owner: "alyx", at: collection });
    store.put(collection, "b", { owner: "mallory", at: collection });
  }
  const result = batchGet(
    getCommand({
      asked: ["a", "b", "x", "a"].map((_id, position) => ({
        position,
        _id,
        byAddress: false,
      })),
      collections: ["yellow", "green"],
      source,
      isRaw: true,
    }),
    testEngine(store),
    hooks,
  );
  return { store, result };
}

describe("batchGet with hooks", () => {
  it("[R6] calls it for each collection, with each id once", async () => {
    const hooks = guardWith({});
    const before = sinon.spy(hooks, "before");
    const after = sinon.spy(hooks, "after");
    await get(hooks).result;

    should(before.args).eql([
      ["yellow", ["a", "b", "x"]],
      ["green", ["a", "b", "x"]],
    ]);
    sinon.assert.notCalled(after);
  });

  it("[R6] a document that it removes beforehand is an error, and not requested from the engine", async () => {
    const { store, result } = get(
      guardWith({
        before: async (collection, ids) =>
          new Set(ids.filter((id) => collection !== "green" || id !== "b")),
      }),
    );
    const { documents, errors, missing } = await result;

    should(documents.map(({ _id, collection }) => `${collection}/${_id}`)).eql([
      "yellow/a",
      "green/a",
      "yellow/b",
    ]);
    should(errors).have.length(1);
    should(errors[0]).containEql({
      _id: "b",
      collection: "green",
      position: 1,
      status: 403,
      code: "forbidden",
      retryable: false,
    });
    should(missing.map(({ _id }) => _id)).eql(["x"]);
    should(
      store.getCalls.flatMap(({ addresses }) => addresses),
    ).not.containDeep([{ collection: "green", _id: "b" }]);
  });

  it("[R6] a document that it removes afterwards is an error, whatever source was requested", async () => {
    const selections: SourceSelection[] = [
      { kind: "all" },
      { kind: "none" },
      { kind: "fields", includes: ["at"], excludes: [] },
      { kind: "fields", includes: [], excludes: ["owner"] },
    ];
    for (const source of selections) {
      const { result } = get(
        guardWith({
          seesDocuments: true,
          after: async (_, documents) =>
            new Map(
              documents
                .filter((each) => sourceOf(each)?.owner === "alyx")
                .map((each) => [each._id, each]),
            ),
        }),
        source,
      );
      const { documents, errors, missing } = await result;

      should(documents.map(({ _id }) => _id)).eql(["a", "a"]);
      should(errors.map(({ _id, code }) => [_id, code])).eql([
        ["b", "forbidden"],
        ["b", "forbidden"],
      ]);
      should(missing.map(({ _id }) => _id)).eql(["x"]);
    }
  });

  it("[R6] passes it full sources, and applies the mask to its results", async () => {
    const hooks = guardWith({
      seesDocuments: true,
      after: async (_, documents) =>
        new Map(
          documents.map((each) => [
            each._id,
            {
              ...each,
              _source: { ...sourceOf(each), owner: "***", more: 1 },
            },
          ]),
        ),
    });
    const seen = sinon.spy(hooks, "after");
    const { store, result } = get(hooks, {
      kind: "fields",
      includes: ["owner"],
      excludes: [],
    });
    const { documents } = await result;

    should(store.getCalls[0]?.source).eql({ kind: "all" });
    should(sourceOf(seen.firstCall.args[1][0]!)).eql({
      owner: "alyx",
      at: "yellow",
    });
    should(seen.firstCall.args[2]).eql(["x"]);
    documents.forEach(({ _source }) => should(_source).eql({ owner: "***" }));
  });

  it("[R7, R14] is not shown a document that is too deep, which fails alone", async () => {
    const seen: string[] = [];
    const hooks = guardWith({
      seesDocuments: true,
      after: async (_, documents) => {
        seen.push(...documents.map(({ _id }) => _id));
        return new Map(documents.map((each) => [each._id, each]));
      },
    });
    const { store, result } = get(hooks);
    let deep: Source = {};
    for (let level = 0; level < 1_000; level++) deep = { a: deep };
    store.put("yellow", "a", deep);
    store.put("green", "a", deep.a as Source);
    const { documents, errors } = await result;
    should(documents).have.length(3);
    should(seen.sort()).eql(["a", "b", "b"]);
    should(errors).match([
      { _id: "a", collection: "yellow", status: 400, retryable: false },
    ]);
  });

  it("[R6] leaves no source if none was requested", async () => {
    const { result } = get(guardWith({ seesDocuments: true }), {
      kind: "none",
    });
    (await result).documents.forEach((document) =>
      should(document).not.have.property("_source"),
    );
  });

  it("[R6] costs the engine nothing when it does not see documents", async () => {
    const { store, result } = get(guardWith({}), { kind: "none" });
    await result;

    should(store.getCalls[0]?.source).eql({ kind: "none" });
  });

  it("fails as a whole when it throws", async () => {
    const { store, result } = get(
      guardWith({
        before: async () => {
          throw new Error("not today");
        },
      }),
    );
    await result.should.be.rejectedWith("not today");
    should(store.calls).eql([]);
  });
});
