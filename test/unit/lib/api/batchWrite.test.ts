import _ from "lodash";
import should from "should";
import sinon from "sinon";

import { OPERATIONS } from "../../../../lib/core/validation/writeInput";
import type { OperationName, Source } from "../../../../lib/types";
import { controllerWith, run } from "../../../support/controller";
import { failureOf } from "../../../support/failures";
import { FakeStore } from "../../../support/FakeStore";
import { becomeKuzzle } from "../../../support/kuzzle";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
  type Needed,
} from "../../../support/request";

/** A document that is there, for those that need one. */
function storeWith(...ids: string[]): FakeStore {
  const store = new FakeStore();
  for (const _id of ids) {
    for (const collection of ["yellow", "green"]) {
      store.put(collection, _id, { old: _id });
    }
  }
  return store;
}

const ALL_RIGHTS: (needed: Needed) => boolean = () => true;

function send(
  operations: unknown,
  {
    store = storeWith("a", "b"),
    kuzzle = kuzzleServices(),
    args = {},
    allows = ALL_RIGHTS,
  } = {},
): Promise<any> {
  return run(
    controllerWith(store, kuzzle),
    kuzzleRequest(
      { action: "batchWrite", index: "nyc", body: { operations }, ...args },
      { user: userWith(allows) },
    ),
  );
}

function operation(op: OperationName, collection = "yellow", _id = "a") {
  const content =
    op === "upsert" ? { changes: { n: 1 } } : op !== "delete" && { body: {} };
  return { [op]: { collection, _id, ...content } };
}

function positionsOf(list: ReadonlyArray<{ position: number }>): number[] {
  return list.map(({ position }) => position);
}

/** Kuzzle's own action for each operation, as the contract lists them. */
const NATIVE: Record<OperationName, string> = {
  create: "document:mCreate",
  createOrReplace: "document:mCreateOrReplace",
  replace: "document:mReplace",
  write: "bulk:mWrite",
  update: "document:mUpdate",
  upsert: "document:mUpsert",
  delete: "document:mDelete",
};

/** The events that Kuzzle has for single documents too; `*` is before or after. */
const GENERIC: Partial<Record<OperationName, string>> = {
  create: "generic:document:*Write",
  createOrReplace: "generic:document:*Write",
  replace: "generic:document:*Write",
  update: "generic:document:*Update",
  upsert: "generic:document:*Update",
  delete: "generic:document:*Delete",
};

describe("batch:batchWrite", () => {
  describe("asks for rights", () => {
    for (const op of OPERATIONS) {
      it(`[M1, R5] to ${NATIVE[op]} in its collection for ${op}`, async () => {
        const store = storeWith("a");
        const allowsAllBut =
          (lacking: string, where: string) =>
          ({ right, collection }: Needed) =>
            right !== lacking || collection !== where;
        const mixture = [operation(op, "yellow"), operation("update", "green")];

        await send(mixture, {
          store,
          allows: allowsAllBut(NATIVE[op], "yellow"),
        }).should.be.rejectedWith({
          status: 403,
          message: new RegExp(NATIVE[op]),
        });
        should(store.calls).eql([]);
        if (op !== "update") {
          await send(mixture, { allows: allowsAllBut(NATIVE[op], "green") });
        }
      });
    }

    it("[M1, R5] before anybody learns what exists, whatever else is in the request", async () => {
      const mayOnlyUpdateGreen = ({ right, collection }: Needed) =>
        right === "batch:batchWrite" ||
        (right === "document:mUpdate" && collection === "green");
      const answers = [];
      for (const collection of ["yellow", "unknown"]) {
        const denied = [
          operation("update", "green"),
          operation("delete", collection),
        ];
        for (const args of [{}, { strict: true }, { atomic: true }]) {
          const kuzzle = kuzzleServices();
          const error = await send(denied, {
            kuzzle,
            args,
            allows: mayOnlyUpdateGreen,
          }).should.be.rejectedWith({ status: 403 });
          answers.push(String(error.message).replace(collection, "…"));
          sinon.assert.notCalled(kuzzle.collectionExists);
        }
      }
      should(new Set(answers).size).equal(1);
    });

    it("[M1, R5] tells nothing of an index to a request that asks for nothing", async () => {
      for (const operations of [[], [{ remove: {} }], [{ delete: {} }]]) {
        const { results } = await send(operations, {
          args: { index: "unknown" },
          allows: ({ right }) => right === "batch:batchWrite",
        });
        should(results).eql([]);
      }
    });
  });

  describe("does as the native action of each operation", () => {
    it("[M1] holds documentsWriteCount where that does", async () => {
      const two = (op: OperationName) => [
        operation(op, "yellow", "a"),
        operation(op, "yellow", "b"),
      ];
      for (const op of OPERATIONS) {
        const kuzzle = kuzzleServices(undefined, { documentsWriteCount: 1 });
        const answer = send(two(op), { kuzzle });
        if (op === "write" || op === "delete") {
          should((await answer).results).have.length(2);
        } else {
          await answer.should.be.rejectedWith({ status: 413 });
        }
      }
    });

    it("[M1] notifies subscribers of each in native shape, and of no write", async () => {
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(true);
      await send(
        [
          operation("create", "yellow", "new"),
          operation("replace", "yellow", "a"),
          operation("write", "yellow", "raw"),
          operation("upsert", "green", "a"),
          operation("delete", "green", "b"),
        ],
        { kuzzle },
      );
      const told = kuzzle.notify.getCalls().map(({ args }) => {
        const [request, op, notices] = args as unknown as [any, string, any[]];
        const { controller, action } = request.input;
        return [`${controller}:${action}`, op, notices.map(({ _id }) => _id)];
      });

      should(told).eql([
        ["document:mCreate", "create", ["new"]],
        ["document:mReplace", "replace", ["a"]],
        ["document:mUpsert", "upsert", ["a"]],
        ["document:mDelete", "delete", ["b"]],
      ]);
      const deleted = kuzzle.notify.lastCall.args[2] as any[];
      should(JSON.parse(JSON.stringify(deleted))).eql([
        { _id: "b", _source: { old: "b" } },
      ]);
    });

    it("[M1, M2] notifies of one document in the order of its operations", async () => {
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(true);
      await send(
        [
          operation("delete", "yellow", "a"),
          operation("create", "yellow", "a"),
          operation("update", "yellow", "b"),
          operation("update", "yellow", "a"),
          operation("delete", "yellow", "b"),
          operation("delete", "yellow", "a"),
        ],
        { kuzzle },
      );
      const told = kuzzle.notify
        .getCalls()
        .flatMap(({ args: [, op, notices] }) =>
          (notices as any[]).map(({ _id }) => [_id, op]),
        );
      const opsOf = (id: string) =>
        told.flatMap(([_id, op]) => (_id === id ? [op] : []));
      should(opsOf("a")).eql(["delete", "create", "update", "delete"]);
      should(opsOf("b")).eql(["update", "delete"]);
    });

    it("[M1] notifies nobody of a silent request", async () => {
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(true);
      const silent = { kuzzle, args: { silent: true } };
      await send([operation("create", "yellow", "new")], silent);
      await send([operation("delete")], silent);
      sinon.assert.notCalled(kuzzle.notify);
    });

    it("[M1, R6] runs its pipes, for each collection with a request of its own", async () => {
      const leave = becomeKuzzle({});
      const seen: string[] = [];
      const kuzzle = {
        ...kuzzleServices(),
        hasListeners: sinon.stub<[string], boolean>().returns(true),
        pipe: sinon.spy(async (event: string, payload: any, request?: any) => {
          const { input } = request ?? payload;
          seen.push(`${event} ${input.args.collection}`);
          return payload;
        }),
      };
      const mixture = OPERATIONS.flatMap((op) => [
        operation(op, "yellow", `${op}-1`),
        operation(op, "green", `${op}-1`),
        operation(op, "yellow", `${op}-2`),
      ]);
      const store = storeWith(
        ...["replace", "update", "delete"].flatMap((op) => [
          `${op}-1`,
          `${op}-2`,
        ]),
      );
      await send(mixture, { kuzzle, store }).finally(leave);

      const eventsOf = (when: "before" | "after") =>
        OPERATIONS.flatMap((op) =>
          ["yellow", "green"].flatMap((collection) => {
            const [controller, action = ""] = NATIVE[op].split(":");
            const own = `${controller}:${when}${_.upperFirst(action)}`;
            const generic = GENERIC[op]?.replace("*", when);
            const events = when === "before" ? [generic, own] : [own, generic];
            return events
              .filter((event) => event !== undefined)
              .map((event) => `${event} ${collection}`);
          }),
        );
      should(seen).eql([...eventsOf("before"), ...eventsOf("after")]);
    });

    it("[M1] deletes what somebody else changes meanwhile, as often as it takes", async () => {
      const kuzzle = kuzzleServices(undefined, { defaultConflictRetries: 0 });
      for (const isHeard of [true, false]) {
        kuzzle.hasSubscribers.returns(isHeard);
        const store = storeWith("a");
        let conflicts = 3;
        store.script.bulkItem = ({ precondition }) => {
          if (precondition === undefined || conflicts-- <= 0) {
            return undefined;
          }
          store.put("yellow", "a", { theirs: conflicts });
          return failureOf("version_conflict");
        };
        const { results } = await send([operation("delete")], {
          store,
          kuzzle,
        });

        should(results).containDeep([{ op: "delete", result: "deleted" }]);
        should(store.sourceOf("yellow", "a")).be.undefined();
      }
    });
  });

  it("[M2] answers each by its position, with what it did and where", async () => {
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

  it("[M2] answers sources where asked, and never of what was deleted", async () => {
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

  it("[M2, W4] does what is asked of one document in order, with conditions between", async () => {
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

  it("[M1, M3] atomic: leaves what is not atomic would, with fields and metadata", async () => {
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

  it("[M1, W5] what has no _id gets the same one with the same key", async () => {
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
