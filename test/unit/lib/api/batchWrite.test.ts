import _ from "lodash";
import should from "should";

import { OPERATIONS } from "../../../../lib/core/validation/writeInput";
import type { Source } from "../../../../lib/types";
import {
  operation,
  positionsOf,
  send,
  storeWith,
} from "../../../support/batchWrite";
import { failureOf } from "../../../support/failures";
import { kuzzleServices } from "../../../support/request";

describe("batch:batchWrite", () => {
  it("[M2] returns each result at its position, with its operation and collection", async () => {
    const { results, errors, stats } = await send(
      [
        operation("delete", "yellow", "a"),
        operation("create", "green", "a"),
        { update: { _id: "b", body: { n: 1 } } },
        { create: { body: {} } },
        { create: {} },
      ],
      { args: { collection: "green" } },
    );

    for (const each of results) {
      should(Object.keys(each)).eql([
        ...["position", "op", "collection", "_id", "status", "result"],
        ...["_version", "_seq_no", "_primary_term", "attempts"],
      ]);
    }
    should(positionsOf(results)).eql([0, 2, 3]);
    should(positionsOf(errors)).eql([1, 4]);
    should(results).containDeep([
      {
        position: 0,
        op: "delete",
        collection: "yellow",
        _id: "a",
        status: 200,
      },
      { position: 2, op: "update", collection: "green", _id: "b", status: 200 },
      { position: 3, op: "create", collection: "green", result: "created" },
    ]);
    should(errors).containDeep([
      { position: 1, op: "create", collection: "green", status: 400 },
      { position: 4, op: "create", collection: "green", code: "invalid" },
    ]);
    should(stats).containEql({ requested: 5, written: 3, errors: 2 });
  });

  it("[M2] returns sources on request, and never of deleted documents", async () => {
    const mixture = OPERATIONS.map((op) => operation(op, "yellow", op));
    for (const [source, isSeenByOthers] of [
      ...[true, false, undefined].map((each) => [each, false] as const),
      ...[true, false].map((each) => [each, true] as const),
    ]) {
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(isSeenByOthers);
      const { results } = await send(mixture, {
        store: storeWith("replace", "update", "delete"),
        kuzzle,
        args: source === undefined ? {} : { source },
      });
      should(results).have.length(OPERATIONS.length);
      should(
        results
          .filter((each: object) => "_source" in each)
          .map(({ op }: { op: string }) => op),
      ).eql(source ? OPERATIONS.filter((op) => op !== "delete") : []);
    }
  });

  it("[M2, W4] executes operations on one document in order, with conditions in between", async () => {
    const store = storeWith("a");
    const { results, errors } = await send(
      [
        operation("delete"),
        operation("create"),
        {
          update: {
            collection: "yellow",
            _id: "a",
            body: { n: 1 },
            ifSeqNo: 99,
            ifPrimaryTerm: 1,
          },
        },
        { create: { collection: "yellow", _id: "a", body: { other: 1 } } },
        operation("upsert"),
        { write: { collection: "yellow", _id: "a", body: {}, ifAbsent: true } },
        operation("delete"),
        {
          write: {
            collection: "yellow",
            _id: "a",
            body: { last: true },
            ifAbsent: true,
          },
        },
      ],
      { store },
    );

    should(positionsOf(results)).eql([0, 1, 4, 6, 7]);
    should(errors.map((each: any) => [each.position, each.code])).eql(
      [2, 3, 5].map((position) => [position, "version_conflict"]),
    );
    should(store.sourceOf("yellow", "a")).eql({ last: true });
  });

  for (const way of ["strict", "atomic"] as const) {
    it(`[M3, W2] ${way}: an error in one collection stops those in all`, async () => {
      const store = storeWith("a");
      const { errors } = await send(
        [
          operation("delete", "yellow"),
          { create: { collection: "green", _id: "" } },
        ],
        { store, args: { [way]: true } },
      ).should.be.rejectedWith({ id: "batch.write.refused" });
      should(errors).containDeep([
        { position: 1, op: "create", code: "invalid" },
      ]);
      should(store.bulkCalls).eql([]);
    });
  }

  for (const [title, last, isSent] of [
    ["not there", operation("replace", "yellow", "nowhere"), false],
    ["refused by the engine", operation("write", "yellow", "odd"), true],
  ] as const) {
    it(`[M3, W3] atomic: one that is ${title} takes all back, in each collection`, async () => {
      const store = storeWith("a", "b");
      store.script.bulkItem = ({ _id }) =>
        _id === "odd" ? failureOf("mapping") : undefined;
      await send(
        [
          operation("delete", "yellow", "a"),
          operation("create", "green", "new"),
          operation("update", "green", "a"),
          last,
        ],
        { store, args: { atomic: true } },
      ).should.be.rejectedWith({ id: "batch.write.rolled_back", status: 409 });

      should(store.bulkCalls.length > 0).equal(isSent);
      should(store.sourceOf("yellow", "a")).eql({ old: "a" });
      should(store.sourceOf("green", "a")).eql({ old: "a" });
      should(store.sourceOf("green", "new")).be.undefined();
    });
  }

  for (const [title, op, undoing] of [
    ["a delete, while it is still absent", "delete", "create"],
    ["a create, while it is still what was created", "create", "delete"],
  ] as const) {
    it(`[M3, W3] atomic: takes back ${title}`, async () => {
      const store = op === "delete" ? storeWith("a") : storeWith();
      const theirs = { theirs: true };
      store.script.bulkItem = ({ _id, operation: sent }) => {
        if (_id === "a" && sent === undoing) {
          store.put("yellow", "a", theirs);
        }
        return _id === "odd" ? failureOf("mapping") : undefined;
      };
      await send([operation(op), operation("write", "green", "odd")], {
        store,
        args: { atomic: true },
      }).should.be.rejectedWith({ id: "batch.write.rollback_incomplete" });

      should(store.sourceOf("yellow", "a")).eql(theirs);
    });
  }

  it("[M1, M3] atomic: leaves the same as without atomic, with fields and metadata", async () => {
    const left = async (args: object): Promise<object[]> => {
      const store = storeWith("a", "b");
      const { errors } = await send(
        [
          operation("update", "yellow", "a"),
          operation("upsert", "yellow", "b"),
          operation("createOrReplace", "yellow", "new"),
        ],
        { store, args },
      );
      should(errors).eql([]);
      return ["a", "b", "new"].map((_id) => {
        const { _kuzzle_info: info, ...rest } = store.sourceOf(
          "yellow",
          _id,
        ) as Source;
        return { ...rest, info: Object.keys(info as object).sort() };
      });
    };
    const plain = await left({});
    should(plain[0]).containEql({ old: "a" });
    should(await left({ atomic: true })).eql(plain);
  });

  it("[M3, W3] atomic: a document has one operation", async () => {
    await send(
      [
        operation("delete", "yellow"),
        operation("delete", "green"),
        operation("create", "yellow"),
      ],
      { args: { atomic: true } },
    ).should.be.rejectedWith({ id: "batch.write.refused" });
  });

  it("[M4] a delete has conditions and codes, and is in order", async () => {
    const { results, errors } = await send([
      {
        delete: {
          collection: "yellow",
          _id: "a",
          ifSeqNo: 99,
          ifPrimaryTerm: 1,
        },
      },
      operation("delete", "yellow", "nowhere"),
      operation("delete", "yellow", "b"),
      operation("delete", "yellow", "b"),
    ]);

    should(positionsOf(results)).eql([2]);
    should(errors).containDeep([
      { position: 0, op: "delete", status: 409, code: "version_conflict" },
      { position: 1, op: "delete", status: 404, code: "not_found" },
      { position: 3, op: "delete", status: 404, code: "not_found" },
    ]);
  });

  it("[M3, M4] a delete that is invalid stops a strict or atomic request before any other", async () => {
    for (const args of [{ strict: true }, { atomic: true }]) {
      const store = storeWith("a");
      await send([operation("delete"), { delete: { collection: "yellow" } }], {
        store,
        args,
      }).should.be.rejectedWith({ id: "batch.write.refused" });
      should(store.sourceOf("yellow", "a")).eql({ old: "a" });
    }
  });

  it("[M3] atomic: more than atomicMaxDocuments are too large, and nothing is read", async () => {
    const store = storeWith();
    const many = _.range(101).map((i) => operation("write", "yellow", `${i}`));
    await send(many, { store, args: { atomic: true } }).should.be.rejectedWith({
      id: "batch.write.too_large",
      status: 413,
    });
    should(store.calls).eql([]);
  });

  it("[M4, W3] deletes are all done or none", async () => {
    const store = storeWith("a");
    await send([operation("delete"), operation("delete", "green", "nowhere")], {
      store,
      args: { atomic: true },
    }).should.be.rejectedWith({ id: "batch.write.rolled_back" });
    should(store.sourceOf("yellow", "a")).eql({ old: "a" });
  });

  it("[M1, W5] documents without an _id get the same one with the same key", async () => {
    const idWith = async (idempotencyKey: string): Promise<string> => {
      const { results } = await send(
        [{ create: { collection: "yellow", body: {} } }],
        {
          args: { idempotencyKey },
        },
      );
      return results[0]._id;
    };
    const [id, same, other] = [
      await idWith("one"),
      await idWith("one"),
      await idWith("other"),
    ];

    should(same).equal(id);
    should(other).not.equal(id);
  });

  it("[M4, W5] a delete with a key is done once", async () => {
    const kuzzle = kuzzleServices();
    const store = storeWith("a");
    const keyed = { store, kuzzle, args: { idempotencyKey: "once" } };
    const first = await send([operation("delete")], keyed);
    store.put("yellow", "a", { back: true });
    const again = await send([operation("delete")], keyed);

    should(again.results).eql(first.results);
    should(again.stats.replayed).be.true();
    should(store.sourceOf("yellow", "a")).eql({ back: true });
  });
});
