import _ from "lodash";
import should from "should";
import sinon from "sinon";

import { OPERATIONS } from "../../../../lib/core/validation/writeInput";
import type { OperationName } from "../../../../lib/types";
import { operation, send, storeWith } from "../../../support/batchWrite";
import { failureOf } from "../../../support/failures";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleServices, type Needed } from "../../../support/request";

/** Kuzzle's own action for each operation, as listed in the contract. */
const NATIVE: Record<OperationName, string> = {
  create: "document:mCreate",
  createOrReplace: "document:mCreateOrReplace",
  replace: "document:mReplace",
  write: "bulk:mWrite",
  update: "document:mUpdate",
  upsert: "document:mUpsert",
  delete: "document:mDelete",
};

/** The events that Kuzzle also has for single documents; `*` is before or after. */
const GENERIC: Partial<Record<OperationName, string>> = {
  create: "generic:document:*Write",
  createOrReplace: "generic:document:*Write",
  replace: "generic:document:*Write",
  update: "generic:document:*Update",
  upsert: "generic:document:*Update",
  delete: "generic:document:*Delete",
};

describe("batch:batchWrite", () => {
  describe("checks rights", () => {
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

    it("[M1, R5] before revealing what exists, whatever else is in the request", async () => {
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

    it("[M1, R5] reveals nothing about an index to an empty request", async () => {
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
    it("[M1] respects documentsWriteCount where the native action does", async () => {
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

    it("[M1] sends no notifications for a silent request", async () => {
      const kuzzle = kuzzleServices();
      kuzzle.hasSubscribers.returns(true);
      const silent = { kuzzle, args: { silent: true } };
      await send([operation("create", "yellow", "new")], silent);
      await send([operation("delete")], silent);
      sinon.assert.notCalled(kuzzle.notify);
    });

    it("[M1, R6] runs its pipes, with a separate request for each collection", async () => {
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

    it("[M1] deletes documents that are modified concurrently, as often as it takes", async () => {
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
});
