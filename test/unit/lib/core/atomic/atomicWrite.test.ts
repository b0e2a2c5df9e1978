import should from "should";

import {
  atomicWrite,
  type AtomicResult,
} from "../../../../../lib/core/atomic/atomicWrite";
import { JournalTooLarge } from "../../../../../lib/core/atomic/preImages";
import { pauseBetween, sweep } from "../../../../../lib/core/atomic/recovery";
import type { AtomicContext } from "../../../../../lib/core/atomic/AtomicContext";
import {
  EngineError,
  type GetPart,
} from "../../../../../lib/core/ports/DocumentStore";
import type { Journal } from "../../../../../lib/core/ports/JournalStore";
import type { WriteDocument } from "../../../../../lib/core/commands";
import { atomicTools, TIMES } from "../../../../support/atomicTools";
import { documents, writeCommand } from "../../../../support/commands";
import { FakeJournals } from "../../../../support/FakeJournals";
import { FakeStore } from "../../../../support/FakeStore";
import {
  failOver,
  failureOf,
  lostCall,
  refusedCall,
} from "../../../../support/failures";
import { testEngine } from "../../../../support/testEngine";

function setUp({
  store = new FakeStore(),
  journals = new FakeJournals(),
} = {}) {
  const execution = testEngine(store);
  const tools = atomicTools(execution, journals);
  return {
    store,
    journals,
    tools,
    clock: execution.clock,
    send: (list: WriteDocument[]): Promise<AtomicResult> =>
      atomicWrite(writeCommand({ documents: list }), tools),
  };
}

/** What recovery has said. */
async function recover(tools: AtomicContext, nodeId = "other") {
  const results: Journal[] = [];
  const failed: Error[] = [];
  let pending = -1;
  await sweep(
    { ...tools, nodeId },
    {
      recovered: (journal) => results.push(journal),
      pending: ({ count }) => (pending = count),
      failed: (error) => failed.push(error),
    },
  );
  return { settled: results, failed, pending };
}

function last({ stored }: FakeJournals): Journal {
  const [journal] = [...stored.values()].map((each) => each.journal);
  should(journal).not.equal(undefined);
  return journal as Journal;
}

describe("an atomic write", () => {
  it("calls an ordinary conflict a rollback, not a concurrent modification [W3]", async () => {
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

  it("does not bring back what somebody else has deleted first [M3, W3]", async () => {
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

  it("names what somebody else has changed over its own first write [W6]", async () => {
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

  it("claims nothing of bytes that a pipeline has changed [W6]", async () => {
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

  it("does not trust a 503 either: it may be the second answer [W6]", async () => {
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

  it("sends nothing to a collection that was created anew before the bulk [W6]", async () => {
    const journals = new FakeJournals();
    const { store, send } = setUp({ journals });
    const create = journals.create.bind(journals);
    journals.create = async (journal) => {
      store.createAnew();
      // the same id, in the same version and sequence
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

  it("restores nothing in a collection that was created anew after the bulk [W6]", async () => {
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
    const { settled } = await recover(tools);

    should(settled.map(({ state, modified }) => [state, modified])).eql([
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

  it("waits for an engine that has too much to do for the journal [W3, R10]", async () => {
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
      // the caller, who was told so, writes the same himself
      store.put("yellow", "a", { n: 0 });
      clock.pass(TIMES.leaseMs + TIMES.tombstoneMs);
      const { settled: results } = await recover(tools);

      should(results).eql([]);
      should(store.sourceOf("yellow", "a")).eql({ n: 0 });
    });
  }

  it("rejects what would be too much for a journal [W3]", async () => {
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
        // held up before the bulk arrives
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

  it("commits once when the answer to the commit is lost [W3]", async () => {
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

  it("does not know the outcome when the engine is gone, and recovery does [W3]", async () => {
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
    const { settled: results } = await recover(tools);
    should(results.map(({ state }) => state)).eql(["rolled_back"]);
    should(store.sourceOf("yellow", "a")).equal(undefined);
  });

  it("waits for a bulk that the engine goes on with [W3, R10]", async () => {
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
    const { settled: results, pending } = await recover(tools);

    should(results.map(({ state, modified }) => [state, modified])).eql([
      ["rollback_incomplete", ["yellow/a"]],
    ]);
    should(pending).equal(0);
  });

  it("ends a batch whose pre-image the engine rejects by now [W3]", async () => {
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

describe("recovery", () => {
  /** A batch whose node is dead, with one of two documents written. */
  async function abandoned(ids: string[]) {
    const set = setUp();
    const { journals, store, clock, send } = set;
    journals.replace = async () => new Promise(() => undefined);
    for (const id of ids) {
      void send(documents([`${id}-1`, `${id}-2`]));
    }
    for (let i = 0; i < 200; i++) {
      await Promise.resolve();
    }
    Reflect.deleteProperty(journals, "replace");
    should(store.sourceOf("yellow", `${ids[0]}-1`)).eql({ n: 0 });
    clock.pass(TIMES.leaseMs);
    return set;
  }

  it("is one call as long as nothing is due, and says what is next [W3, R12]", async () => {
    const { tools, journals, clock } = await abandoned(["a"]);
    clock.pass(-1);
    let calls = 0;
    for (const name of ["findAbandoned", "findRechecks", "removeFinished"]) {
      Reflect.set(journals, name, () => {
        throw new Error("not needed");
      });
    }
    const pending = journals.pending.bind(journals);
    journals.pending = () => {
      calls++;
      return pending();
    };
    const failed: Error[] = [];
    const sweepIdle = (): Promise<number> =>
      sweep(tools, {
        recovered: () => undefined,
        pending: () => undefined,
        failed: (error) => failed.push(error),
      });

    should(await sweepIdle()).equal(last(journals).dueAt);
    journals.stored.clear();
    should(await sweepIdle()).equal(Infinity);
    should(failed).eql([]);
    should(calls).equal(2);
  });

  it("pauses until a journal is due, and never for much of a lease [W3]", () => {
    const pause = (dueInMs: number): number =>
      pauseBetween(dueInMs, 10_000, 120_000);

    should(pause(-5)).equal(10_000);
    should(pause(20_000)).equal(20_000);
    should(pause(Infinity)).equal(30_000);
    // a lease that is shorter than the interval
    should(pauseBetween(Infinity, 10_000, 2_000)).equal(10_000);
  });

  it("waits for a bulk that is still at work before it looks once more [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const { journal } = [...journals.stored.values()][0]!;
    const [one] = journal.entries;
    await store.bulk(
      [
        {
          index: "nyc",
          collection: "yellow",
          items: [{ operation: "delete", _id: one!._id, payload: "" }],
        },
      ],
      "false",
    );
    await recover(tools);
    clock.pass(TIMES.tombstoneMs);
    let looks = 0;
    store.isBulkRunning = async () => {
      if (looks++ === 1) {
        // the engine was slow, and has got round to it
        store.put("yellow", one!._id, { n: 0 });
        return false;
      }
      return true;
    };
    await recover(tools);

    should(looks).equal(2);
    should(store.sourceOf("yellow", one!._id)).equal(undefined);
  });

  it("leaves a batch alone as long as its lease lasts [W3]", async () => {
    const { tools, clock } = await abandoned(["a"]);
    clock.pass(-1);

    should((await recover(tools)).settled).eql([]);
  });

  it("does not stop at a batch that cannot be ended [W3]", async () => {
    const { tools, journals } = await abandoned(["a", "b"]);
    const [broken] = [...journals.stored.values()];
    journals.stored.set(String(broken?.journal.id), {
      ...broken!,
      journal: {
        ...broken!.journal,
        index: "another",
        entries: undefined as never,
      },
    });
    const { settled: results, failed } = await recover(tools);

    should(results.map(({ state }) => state)).eql(["rolled_back"]);
    should(failed).have.length(1);
  });

  it("ends each once when several nodes sweep [W3]", async () => {
    const { tools } = await abandoned(["a", "b"]);
    const reports = await Promise.all([
      recover(tools),
      recover(tools, "third"),
    ]);

    should(reports.flatMap(({ settled: results }) => results)).have.length(2);
    should(reports.flatMap(({ failed }) => failed)).eql([]);
  });

  it("takes nothing for modified that a rollback before it has restored [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const bulk = store.bulk.bind(store);
    store.bulk = async ([part], refresh) => {
      store.bulk = bulk;
      await bulk([{ ...part!, items: part!.items.slice(0, 1) }], refresh);
      throw lostCall();
    };
    should((await recover(tools)).failed).have.length(1);
    clock.pass(TIMES.leaseMs);

    const { settled: results } = await recover(tools);
    should(results.map(({ state, modified }) => [state, modified])).eql([
      ["rolled_back", []],
    ]);
    should(last(journals).state).equal("rolled_back");
  });

  it("looks again at what it would leave, for it may have been brought back [W3]", async () => {
    const { store, tools, journals } = await abandoned(["a"]);
    store.put("yellow", "a-1", { n: "of a later batch" });
    const findRivals = journals.findRivals.bind(journals);
    journals.findRivals = async (...args) => {
      journals.findRivals = findRivals;
      const rivals = await findRivals(...args);
      // which was rolled back after we had read, and was gone before we asked
      store.put("yellow", "a-1", { n: 0 });
      return rivals;
    };
    const { settled: results } = await recover(tools);

    should(results.map(({ state }) => state)).eql(["rolled_back"]);
    should(store.sourceOf("yellow", "a-1")).equal(undefined);
  });

  it("looks once more for what has come late, and only there [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const { journal } = [...journals.stored.values()][0]!;
    const [one, two] = journal.entries;
    // of the first document the bulk is still on its way
    await store.bulk(
      [
        {
          index: "nyc",
          collection: "yellow",
          items: [{ operation: "delete", _id: one!._id, payload: "" }],
        },
      ],
      "false",
    );
    await recover(tools);
    should(last(journals).recheck).eql([`yellow/${one!._id}`]);
    store.put("yellow", one!._id, { n: 0 });
    // somebody has sent the other one again
    store.put("yellow", two!._id, { n: 1 });
    clock.pass(TIMES.tombstoneMs);
    await recover(tools);

    should(store.sourceOf("yellow", one!._id)).equal(undefined);
    should(store.sourceOf("yellow", two!._id)).eql({ n: 1 });
    should([...journals.stored.keys()]).eql([]);
  });

  /** Another batch with the bytes of the first document, which had found others. */
  function rivalOf({ entries, ...journal }: Journal, state: Journal["state"]) {
    const found = { sourceText: '{"x":1}', seqNo: 0, primaryTerm: 1 };
    const [entry] = entries;
    const decidedAt = state === "pending" ? null : journal.createdAt;
    return {
      ...journal,
      id: "rival",
      state,
      decidedAt,
      dueAt: Infinity,
      entries: [{ ...entry!, before: found }],
    };
  }

  it("names what came late and may be another batch's as well [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const { journal } = [...journals.stored.values()][0]!;
    const { _id } = journal.entries[0]!;
    await store.bulk(
      [
        {
          index: "nyc",
          collection: "yellow",
          items: [{ operation: "delete", _id, payload: "" }],
        },
      ],
      "false",
    );
    should((await recover(tools)).settled).have.length(1);
    await journals.create(rivalOf(journal, "rolled_back"));
    store.put("yellow", _id, { n: 0 });
    clock.pass(TIMES.tombstoneMs);
    const { settled } = await recover(tools);

    should(settled.map(({ state, modified }) => [state, modified])).eql([
      ["rollback_incomplete", [`yellow/${_id}`]],
    ]);
    should(store.sourceOf("yellow", _id)).eql({ n: 0 });
  });

  it("proves nothing once another node has ended the batch, for witnesses may be gone [W3]", async () => {
    const { store, tools, journals } = await abandoned(["a"]);
    const findRivals = journals.findRivals.bind(journals);
    journals.findRivals = async (journal, hashes) => {
      const stored = journals.stored.get(journal.id)!;
      await journals.replace(
        { ...stored.journal, state: "rolled_back" },
        stored.version,
      );
      return findRivals(journal, hashes);
    };
    const { settled } = await recover(tools);

    should(settled.map(({ state }) => state)).eql(["rollback_incomplete"]);
    should(store.sourceOf("yellow", "a-1")).eql({ n: 0 });
    should(last(journals).state).equal("rolled_back");
  });
});
