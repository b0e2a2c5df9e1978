import should from "should";

import { JournalTooLarge } from "../../../../../lib/core/atomic/preImages";
import {
  EngineError,
  type GetPart,
} from "../../../../../lib/core/ports/DocumentStore";
import type { Journal } from "../../../../../lib/core/ports/JournalStore";
import { TIMES } from "../../../../support/atomicTools";
import { documents } from "../../../../support/commands";
import { FakeJournals } from "../../../../support/FakeJournals";
import { FakeStore } from "../../../../support/FakeStore";
import {
  failOver,
  failureOf,
  lostCall,
  refusedCall,
} from "../../../../support/failures";
import { last, recover, setUp } from "../../../../support/atomicSetUp";

describe("an atomic write", () => {
  it("reports an ordinary conflict as a rollback, not as a concurrent modification [W3]", async () => {
    const { store, journals, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    store.script.bulkItem = ({ _id }) =>
      _id === "a" ? failureOf("version_conflict") : undefined;
    const result = await send(documents(["a", "b"]));

    should(result.outcome).equal("rolled_back");
    should(result.result.errors.map(({ code }) => code)).eql([
      "version_conflict",
      "other",
    ]);
    should(result).containEql({ causeCount: 1 });
    should(store.sourceOf("yellow", "b")).equal(undefined);
    should(last(journals)).containEql({ state: "rolled_back", recheck: [] });
  });

  for (const ids of [["a"], ["new"]]) {
    it(`takes one write of somebody else for no more than a conflict: ${ids[0]} [W3, W6]`, async () => {
      const { store, send } = setUp();
      store.put("yellow", "a", { was: 1 });
      const bulk = store.bulk.bind(store);
      store.bulk = async (...args) => {
        store.bulk = bulk;
        store.put("yellow", ids[0] as string, { theirs: 1 });
        return bulk(...args);
      };
      const result = await send(documents([...ids, "b"]));

      should(result).containEql({ outcome: "rolled_back", byEngine: false });
      should(result.result.errors.map(({ code }) => code)).eql([
        "version_conflict",
        "other",
      ]);
      should(store.sourceOf("yellow", ids[0] as string)).eql({ theirs: 1 });
      should(store.sourceOf("yellow", "b")).equal(undefined);
    });
  }

  it("does not restore a document that another client deleted first [M3, W3]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    const bulk = store.bulk.bind(store);
    store.bulk = async (...args) => {
      store.bulk = bulk;
      store.remove("yellow", "a");
      return bulk(...args);
    };
    const result = await send([
      { position: 0, op: "delete", collection: "yellow", _id: "a", body: {} },
      ...documents(["b"]).map((each) => ({ ...each, position: 1 })),
    ]);

    should(result).containEql({
      outcome: "rollback_incomplete",
      modifiedCount: 1,
    });
    should(store.sourceOf("yellow", "a")).equal(undefined);
    should(store.sourceOf("yellow", "b")).equal(undefined);
  });

  it("restores what conflicts with its own first write [W6]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    failOver(store);
    const result = await send(documents(["a", "b"]));

    should(result).containEql({ outcome: "rolled_back", byEngine: true });
    should(result.result.errors).matchEach({
      code: "unavailable",
      retryable: true,
    });
    should(store.sourceOf("yellow", "a")).eql({ was: 1 });
    should(store.sourceOf("yellow", "b")).equal(undefined);
  });

  it("names a document that another client changed after its own first write [W6]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    failOver(store, () => store.put("yellow", "a", { theirs: 1 }));
    const result = await send(documents(["a", "b"]));

    should(result).containEql({
      outcome: "rollback_incomplete",
      modifiedCount: 1,
    });
    should(store.sourceOf("yellow", "a")).eql({ theirs: 1 });
    should(store.sourceOf("yellow", "b")).equal(undefined);
  });

  it("claims no bytes that a pipeline has changed [W6]", async () => {
    const { store, send } = setUp();
    store.script.describe = () => ({
      uuid: "uuid",
      mappings: {},
      hasPipeline: true,
      ignoreMalformed: false,
    });
    failOver(store, () => store.changeText("yellow", "a", '{"piped":1}'));
    const result = await send(documents(["a"]));

    should(result).containEql({ outcome: "rollback_incomplete" });
  });

  it("does not trust a 503 either: it may be the second response [W6]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    failOver(store, () => {
      store.script.bulkItem = ({ payload }) =>
        payload.includes('"n"') ? failureOf("unavailable") : undefined;
    });
    const result = await send(documents(["a"]));

    should(result).containEql({ outcome: "rolled_back", byEngine: true });
    should(store.sourceOf("yellow", "a")).eql({ was: 1 });
  });

  it("sends nothing to a collection that was recreated before the bulk [W6]", async () => {
    const journals = new FakeJournals();
    const { store, send } = setUp({ journals });
    const create = journals.create.bind(journals);
    journals.create = async (journal) => {
      store.createAnew();
      // the same id, with the same version and sequence number
      store.put("yellow", "a", { theirs: 1 });
      return create(journal);
    };
    store.put("yellow", "a", { was: 1 });
    const result = await send(documents(["a", "b"]));

    should(result).containEql({ outcome: "rolled_back", byEngine: true });
    should(store.bulkCalls).eql([]);
    should(store.sourceOf("yellow", "a")).eql({ theirs: 1 });
    should(store.sourceOf("yellow", "b")).equal(undefined);
  });

  it("restores nothing in a collection that was recreated after the bulk [W6]", async () => {
    const { store, tools, clock, journals, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    journals.replace = async () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    await send(documents(["a", "b"]));
    Reflect.deleteProperty(journals, "replace");
    store.createAnew();
    store.put("yellow", "b", { n: 1 });
    clock.pass(TIMES.leaseMs);
    const { recovered } = await recover(tools);

    should(recovered.map(({ state, modified }) => [state, modified])).eql([
      ["rollback_incomplete", ["yellow/a"]],
    ]);
    should(store.sourceOf("yellow", "a")).equal(undefined);
    should(store.sourceOf("yellow", "b")).eql({ n: 1 });
  });

  it("names only what could not be restored [W3]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    store.script.bulkItem = ({ _id }, { items }) => {
      const isRollback = items.some(({ operation }) => operation === "delete");
      if (isRollback) {
        store.script.bulkItem = () => undefined;
        store.put("yellow", "b", { theirs: 1 });
      }
      return _id === "c" ? failureOf("mapping") : undefined;
    };
    const result = await send(documents(["a", "b", "c"]));

    should(result.outcome).equal("rollback_incomplete");
    should(result).containEql({ modifiedCount: 1 });
    should(result.result.errors.map(({ code }) => code)).eql([
      "other",
      "version_conflict",
      "mapping",
    ]);
    should(store.sourceOf("yellow", "a")).eql({ was: 1 });
    should(store.sourceOf("yellow", "b")).eql({ theirs: 1 });
  });

  it("sends nothing when the journal cannot be written [W3]", async () => {
    const journals = new FakeJournals();
    journals.create = async () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    const { store, send } = setUp({ journals });

    await should(send(documents(["a"]))).be.rejectedWith(EngineError);
    should(store.bulkCalls).eql([]);
  });

  it("waits for an engine that is too busy for the journal [W3, R10]", async () => {
    const journals = new FakeJournals();
    const create = journals.create.bind(journals);
    let calls = 0;
    journals.create = async (journal) => {
      if (++calls < 3) {
        throw refusedCall();
      }
      return create(journal);
    };
    const { send } = setUp({ journals });

    should((await send(documents(["a"]))).outcome).equal("committed");
  });

  for (const wasWritten of [true, false]) {
    it(`discards a journal that nobody knows of, ${wasWritten ? "written" : "or lets none come after"} [W3]`, async () => {
      const journals = new FakeJournals();
      const create = journals.create.bind(journals);
      let first: Journal | undefined;
      journals.create = async (journal) => {
        if (first !== undefined) {
          return create(journal);
        }
        first = journal;
        if (wasWritten) {
          await create(journal);
        }
        throw lostCall();
      };
      const { store, tools, clock, send } = setUp({ journals });
      await should(send(documents(["a"]))).be.rejectedWith(EngineError);
      if (!wasWritten) {
        await should(create(first as Journal)).be.rejectedWith(EngineError);
      }
      // the caller, who was told so, writes the same document
      store.put("yellow", "a", { n: 0 });
      clock.pass(TIMES.leaseMs + TIMES.tombstoneMs);
      const { recovered: results } = await recover(tools);

      should(results).eql([]);
      should(store.sourceOf("yellow", "a")).eql({ n: 0 });
    });
  }

  it("rejects a batch that is too large for a journal [W3]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { large: "x".repeat(1_000) });

    await should(send(documents(["a"]))).be.rejectedWith(JournalTooLarge);
    should(store.bulkCalls).eql([]);
  });

  it("sends nothing after its lease [W3]", async () => {
    const journals = new FakeJournals();
    const { store, clock, send } = setUp({ journals });
    const create = journals.create.bind(journals);
    journals.create = async (journal) => {
      const version = await create(journal);
      clock.pass(TIMES.leaseMs);
      return version;
    };
    const result = await send(documents(["a"]));

    should(result).containEql({ outcome: "rolled_back", byEngine: true });
    should(store.bulkCalls).eql([]);
  });

  for (const isRemoved of [false, true]) {
    it(`restores what it has written after another node took it over${isRemoved ? ", and its journal is gone" : ""} [W3]`, async () => {
      const store = new FakeStore();
      const { journals, tools, clock, send } = setUp({ store });
      store.put("yellow", "a", { was: 1 });
      let recovered = Promise.resolve<unknown>(undefined);
      const bulk = store.bulk.bind(store);
      store.bulk = async (...args) => {
        store.bulk = bulk;
        // delayed before the bulk arrives
        clock.pass(TIMES.leaseMs);
        recovered = recover(tools);
        await recovered;
        if (isRemoved) {
          journals.stored.clear();
        }
        return bulk(...args);
      };
      const result = await send(documents(["a", "b"]));

      should(result).containEql({ outcome: "rolled_back", byEngine: true });
      should(result.result.errors.map(({ position }) => position)).eql([0, 1]);
      should(result.result.errors).matchEach({
        code: "unavailable",
        reason: /another node has rolled it back/,
      });
      should(store.sourceOf("yellow", "a")).eql({ was: 1 });
      should(store.sourceOf("yellow", "b")).equal(undefined);
    });
  }

  it("commits once when the response to the commit is lost [W3]", async () => {
    const journals = new FakeJournals();
    const replace = journals.replace.bind(journals);
    journals.replace = async (...args) => {
      journals.replace = replace;
      await replace(...args);
      throw lostCall();
    };
    const { store, send } = setUp({ journals });

    should((await send(documents(["a"]))).outcome).equal("committed");
    should(store.sourceOf("yellow", "a")).eql({ n: 0 });
  });

  it("does not know the outcome when the engine is gone, but recovery does [W3]", async () => {
    const journals = new FakeJournals();
    const replace = journals.replace.bind(journals);
    journals.replace = async () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    const { store, tools, clock, send } = setUp({ journals });
    const result = await send(documents(["a"]));

    should(result.outcome).equal("unknown");
    should(result.result.errors.map(({ code }) => code)).eql([
      "unknown_outcome",
    ]);
    journals.replace = replace;
    clock.pass(TIMES.leaseMs);
    const { recovered: results } = await recover(tools);
    should(results.map(({ state }) => state)).eql(["rolled_back"]);
    should(store.sourceOf("yellow", "a")).equal(undefined);
  });

  it("waits for a bulk that the engine continues [W3, R10]", async () => {
    const store = new FakeStore({
      bulkCall: () => ({ error: lostCall(), appliedLate: 0 }),
    });
    const { clock, journals, send } = setUp({ store });
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      await sleep(ms);
      store.script.bulkCall = () => undefined;
      store.finishLateWork();
    };
    const result = await send(documents(["a", "b"]));

    should(result).containEql({ outcome: "rolled_back", byEngine: true });
    should(store.sourceOf("yellow", "a")).equal(undefined);
    should(last(journals).recheck).eql([]);
  });

  it("ends a batch whose collection was deleted [W3]", async () => {
    const { store, tools, clock, journals, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    journals.replace = async () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    await send(documents(["a", "b"]));
    Reflect.deleteProperty(journals, "replace");
    const gone = { ok: false, failure: failureOf("unavailable", 404) } as const;
    Object.assign(store, {
      getRaw: async (parts: readonly GetPart[]) => ({
        outcomes: parts.flatMap(({ addresses }) => addresses.map(() => gone)),
      }),
    });
    clock.pass(TIMES.leaseMs);
    const { recovered: results, pending } = await recover(tools);

    should(results.map(({ state, modified }) => [state, modified])).eql([
      ["rollback_incomplete", ["yellow/a"]],
    ]);
    should(pending).equal(0);
  });

  it("ends a batch whose pre-image the engine now rejects [W3]", async () => {
    const { store, send } = setUp();
    store.put("yellow", "a", { was: 1 });
    store.script.bulkItem = ({ _id, payload }) =>
      _id === "b" || payload.includes("was") ? failureOf("mapping") : undefined;
    const result = await send(documents(["a", "b"]));

    should(result).containEql({
      outcome: "rollback_incomplete",
      modifiedCount: 1,
    });
  });
});
