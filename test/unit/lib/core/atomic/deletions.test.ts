import { noop } from "lodash";
import should from "should";

import {
  atomicWrite,
  type AtomicResult,
} from "../../../../../lib/core/atomic/atomicWrite";
import { sweep } from "../../../../../lib/core/atomic/recovery";
import type { BulkPart } from "../../../../../lib/core/ports/DocumentStore";
import { atomicTools, TIMES } from "../../../../support/atomicTools";
import { writeCommand } from "../../../../support/commands";
import { failureOf } from "../../../../support/failures";
import { FakeJournals } from "../../../../support/FakeJournals";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

/**
 * A batch that deletes one document and fails for another. `meanwhile` is what others do
 * between the rollback's finding the document absent and restoring it.
 */
async function rolledBack(
  meanwhile: (store: FakeStore, parts: readonly BulkPart[]) => void,
): Promise<{
  store: FakeStore;
  result: AtomicResult;
  journals: FakeJournals;
  recover: () => Promise<unknown>;
}> {
  const store = new FakeStore({
    bulkItem: ({ _id }) => (_id === "b" ? failureOf("mapping") : undefined),
  });
  store.put("yellow", "a", { was: 1 });
  const bulk = store.bulk.bind(store);
  store.bulk = async (parts, ...args) => {
    if (parts[0]?.items[0]?.operation === "create") {
      meanwhile(store, parts);
    }
    return bulk(parts, ...args);
  };
  const execution = testEngine(store);
  const journals = new FakeJournals();
  const tools = atomicTools(execution, journals);
  store.put("yellow", "b", { was: 2 });
  const result = await atomicWrite(
    writeCommand({
      documents: [
        { position: 0, op: "delete", collection: "yellow", _id: "a", body: {} },
        { position: 1, op: "write", collection: "yellow", _id: "b", body: {} },
      ],
    }),
    tools,
  );
  const reports = { recovered: noop, pending: noop, failed: noop };
  const recover = (): Promise<unknown> => {
    execution.clock.pass(TIMES.leaseMs);
    return sweep({ ...tools, nodeId: "other" }, reports);
  };
  return { store, result, journals, recover };
}

describe("the rollback of a deletion", () => {
  it("restores the document [M3, W3]", async () => {
    const { store, result } = await rolledBack(() => undefined);

    should(result.outcome).equal("rolled_back");
    should(store.sourceOf("yellow", "a")).eql({ was: 1 });
  });

  it("deletes again, and names, what others have created and deleted since [M3, W3]", async () => {
    const { store, result } = await rolledBack((engine) => {
      engine.put("yellow", "a", { theirs: 1 });
      engine.remove("yellow", "a");
    });

    should(result).containEql({
      outcome: "rollback_incomplete",
      modifiedCount: 1,
    });
    should(result.result.errors[0]).containEql({ code: "version_conflict" });
    should(store.sourceOf("yellow", "a")).equal(undefined);
  });

  it("leaves what others have written over it before it was deleted again [M3, W3]", async () => {
    let creations = 0;
    const { store, result } = await rolledBack((engine) => {
      engine.put("yellow", "a", { theirs: 1 });
      engine.remove("yellow", "a");
      const bulk = engine.bulk.bind(engine);
      engine.bulk = async (parts, ...args) => {
        const answer = await bulk(parts, ...args);
        if (creations++ === 0) {
          engine.put("yellow", "a", { theirs: 2 });
        }
        return answer;
      };
    });

    should(result.outcome).equal("rollback_incomplete");
    should(store.sourceOf("yellow", "a")).eql({ theirs: 2 });
  });

  it("does not know the outcome when it cannot delete again, and recovery names it [M3, W3]", async () => {
    const { store, result, journals, recover } = await rolledBack((engine) => {
      engine.put("yellow", "a", { theirs: 1 });
      engine.remove("yellow", "a");
      engine.script.bulkItem = ({ operation }) =>
        (operation as string) === "delete"
          ? failureOf("unavailable", 503)
          : undefined;
    });

    should(result.outcome).equal("unknown");
    await recover();
    should(store.sourceOf("yellow", "a")).eql({ was: 1 });
    const [stored] = journals.stored.values();
    should(stored?.journal).containEql({
      state: "rollback_incomplete",
      modified: ["yellow/a"],
    });
  });

  it("restores it after the engine has forgotten the deletion [M3, W3]", async () => {
    const { store, result } = await rolledBack((engine) =>
      engine.forgetDeletions(),
    );

    should(result.outcome).equal("rolled_back");
    should(store.sourceOf("yellow", "a")).eql({ was: 1 });
  });
});
