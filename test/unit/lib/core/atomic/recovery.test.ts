import should from "should";

import { pauseBetween, sweep } from "../../../../../lib/core/atomic/recovery";
import type { Journal } from "../../../../../lib/core/ports/JournalStore";
import { TIMES } from "../../../../support/atomicTools";
import { documents } from "../../../../support/commands";
import { lostCall } from "../../../../support/failures";
import { last, recover, setUp } from "../../../../support/atomicSetUp";

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

  it("is one call as long as nothing is due, and returns what is next [W3, R12]", async () => {
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

  it("waits for a bulk in progress before it checks again [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const { journal } = [...journals.stored.values()][0]!;
    const [one] = journal.entries;
    store.remove("yellow", one!._id);
    await recover(tools);
    clock.pass(TIMES.tombstoneMs);
    let looks = 0;
    store.isBulkRunning = async () => {
      if (looks++ === 1) {
        // the slow engine has executed it now
        store.put("yellow", one!._id, { n: 0 });
        return false;
      }
      return true;
    };
    await recover(tools);

    should(looks).equal(2);
    should(store.sourceOf("yellow", one!._id)).equal(undefined);
  });

  it("does not touch a batch as long as its lease lasts [W3]", async () => {
    const { tools, clock } = await abandoned(["a"]);
    clock.pass(-1);

    should((await recover(tools)).recovered).eql([]);
  });

  it("continues after a batch that cannot be ended [W3]", async () => {
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
    const { recovered: results, failed } = await recover(tools);

    should(results.map(({ state }) => state)).eql(["rolled_back"]);
    should(failed).have.length(1);
  });

  it("ends each once when several nodes sweep [W3]", async () => {
    const { tools } = await abandoned(["a", "b"]);
    const reports = await Promise.all([
      recover(tools),
      recover(tools, "third"),
    ]);

    should(reports.flatMap(({ recovered: results }) => results)).have.length(2);
    should(reports.flatMap(({ failed }) => failed)).eql([]);
  });

  it("does not consider modified what an earlier rollback has restored [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const bulk = store.bulk.bind(store);
    store.bulk = async ([part], refresh) => {
      store.bulk = bulk;
      await bulk([{ ...part!, items: part!.items.slice(0, 1) }], refresh);
      throw lostCall();
    };
    should((await recover(tools)).failed).have.length(1);
    clock.pass(TIMES.leaseMs);

    const { recovered: results } = await recover(tools);
    should(results.map(({ state, modified }) => [state, modified])).eql([
      ["rolled_back", []],
    ]);
    should(last(journals).state).equal("rolled_back");
  });

  it("reads documents again before leaving them, because they may have been restored [W3]", async () => {
    const { store, tools, journals } = await abandoned(["a"]);
    store.put("yellow", "a-1", { n: "of a later batch" });
    const findRivals = journals.findRivals.bind(journals);
    journals.findRivals = async (...args) => {
      journals.findRivals = findRivals;
      const rivals = await findRivals(...args);
      // which was rolled back after we read it, and was gone before we asked
      store.put("yellow", "a-1", { n: 0 });
      return rivals;
    };
    const { recovered: results } = await recover(tools);

    should(results.map(({ state }) => state)).eql(["rolled_back"]);
    should(store.sourceOf("yellow", "a-1")).equal(undefined);
  });

  it("checks again for late writes, and only there [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const { journal } = [...journals.stored.values()][0]!;
    const [one, two] = journal.entries;
    // the bulk may still write the first document
    store.remove("yellow", one!._id);
    await recover(tools);
    should(last(journals).recheck).eql([`yellow/${one!._id}`]);
    store.put("yellow", one!._id, { n: 0 });
    // another caller has sent the other one again
    store.put("yellow", two!._id, { n: 1 });
    clock.pass(TIMES.tombstoneMs);
    await recover(tools);

    should(store.sourceOf("yellow", one!._id)).equal(undefined);
    should(store.sourceOf("yellow", two!._id)).eql({ n: 1 });
    should([...journals.stored.keys()]).eql([]);
  });

  /** Another batch with the same bytes for the first document, which found other ones. */
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

  it("names late writes that may be another batch's as well [W3]", async () => {
    const { store, tools, clock, journals } = await abandoned(["a"]);
    const { journal } = [...journals.stored.values()][0]!;
    const { _id } = journal.entries[0]!;
    store.remove("yellow", _id);
    should((await recover(tools)).recovered).have.length(1);
    await journals.create(rivalOf(journal, "rolled_back"));
    store.put("yellow", _id, { n: 0 });
    clock.pass(TIMES.tombstoneMs);
    const { recovered } = await recover(tools);

    should(recovered.map(({ state, modified }) => [state, modified])).eql([
      ["rollback_incomplete", [`yellow/${_id}`]],
    ]);
    should(store.sourceOf("yellow", _id)).eql({ n: 0 });
  });

  it("proves nothing once another node has ended the batch, because witnesses may be gone [W3]", async () => {
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
    const { recovered } = await recover(tools);

    should(recovered.map(({ state }) => state)).eql(["rollback_incomplete"]);
    should(store.sourceOf("yellow", "a-1")).eql({ n: 0 });
    should(last(journals).state).equal("rolled_back");
  });
});
