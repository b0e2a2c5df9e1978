import fc from "fast-check";
import should from "should";

import { bulkWrite } from "../../../../../lib/core/write/bulkWrite";
import type { BulkTarget } from "../../../../../lib/core/write/writeItems";
import { newRequestStats } from "../../../../../lib/core/RequestStats";
import type {
  BulkDone,
  BulkItem,
} from "../../../../../lib/core/ports/DocumentStore";
import type { WriteItem } from "../../../../../lib/core/write/writeItems";
import type { Failure } from "../../../../../lib/types";
import type { ItemResult } from "../../../../../lib/core/outcome";
import { failureOf, lostCall, refusedCall } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

const TARGET: BulkTarget = {
  index: "nyc",
  refresh: "false",
  conflictRetries: 0,
};

/** Writes of the given ids, each with its position as the content. */
function writes(ids: readonly string[]): WriteItem[] {
  return ids.map((_id, n) => ({
    operation: "index",
    collection: "yellow",
    _id,
    payload: JSON.stringify({ n }),
  }));
}

function positionOf({ payload }: BulkItem): number {
  return (JSON.parse(payload) as { n: number }).n;
}

function sentPositions(store: FakeStore): number[][] {
  return store.bulkCalls.map(({ items }) => items.map(positionOf));
}

describe("bulkWrite", () => {
  it("[W4] sends in chunks by count and by bytes, to the place that it is given", async () => {
    const store = new FakeStore();
    const items = writes(["a", "b", "c", "d", "e"]);
    items[3] = {
      ...(items[3] as WriteItem),
      payload: JSON.stringify({ n: 3, long: "x".repeat(2_000) }),
    };
    await bulkWrite(
      items,
      { ...TARGET, refresh: "wait_for" },
      testEngine(store, { writeChunkDocuments: 2, writeChunkBytes: 1_024 }),
      newRequestStats(),
    );

    should(sentPositions(store)).eql([[0, 1], [2], [3], [4]]);
    store.bulkCalls.forEach((call) => {
      should(call).containEql({ index: "nyc", collection: "yellow" });
    });
  });

  const WAITING: BulkTarget = { ...TARGET, refresh: "wait_for" };

  it("[W4] refresh=wait_for goes with the last write of each id, repeated calls included", async () => {
    const store = new FakeStore();
    let calls = 0;
    store.script.bulkItem = () =>
      calls++ === 0 ? failureOf("rejected") : undefined;
    await bulkWrite(
      writes(["a", "b", "a", "c", "a"]),
      WAITING,
      testEngine(store, { writeChunkDocuments: 2 }),
      newRequestStats(),
    );
    const sentBy = (refresh: string): Set<number> =>
      new Set(
        store.bulkCalls
          .filter((call) => call.refresh === refresh)
          .flatMap(({ items }) => items.map(positionOf)),
      );

    should([...sentBy("wait_for")].sort()).eql([1, 3, 4]);
    should([...sentBy("false")].sort()).eql([0, 2]);
    should(store.refreshed).eql([]);
  });

  it("[W4, R12] no write waits for the refresh of another document", async () => {
    const store = new FakeStore();
    const bulk = store.bulk.bind(store);
    let refresh = (): void => undefined;
    const refreshed = new Promise<void>((resolve) => (refresh = resolve));
    const done: number[] = [];
    store.bulk = async (parts, ...args) => {
      const answer = await bulk(parts, ...args);
      const positions = parts.flatMap(({ items }) => items.map(positionOf));
      done.push(...positions);
      if (args[0] === "wait_for") {
        // the last one: searches find everything from now on
        if (positions.includes(4)) refresh();
        await refreshed;
      }
      return answer;
    };
    const results = await bulkWrite(
      writes(["a", "b", "a", "c", "a"]),
      WAITING,
      testEngine(store),
      newRequestStats(),
    );

    should(results).matchEach({ ok: true });
    should(done.filter((n) => [0, 2, 4].includes(n))).eql([0, 2, 4]);
  });

  it("[W4] refreshes what is written when the last write of its id fails", async () => {
    const store = new FakeStore({
      bulkItem: (item) =>
        positionOf(item) === 4 ? failureOf("mapping") : undefined,
    });
    const results = await bulkWrite(
      writes(["a", "b", "a", "b", "a"]),
      WAITING,
      testEngine(store),
      newRequestStats(),
    );

    should(results.map(({ ok }) => ok)).eql([true, true, true, true, false]);
    should(store.refreshed).eql([["yellow"]]);
  });

  it("[W4] does not report as visible what the engine may not have refreshed", async () => {
    const store = new FakeStore({
      bulkItem: (item) =>
        positionOf(item) === 2 ? failureOf("mapping") : undefined,
    });
    store.refresh = () => Promise.reject(lostCall());
    const results = await bulkWrite(
      writes(["a", "b", "a"]),
      WAITING,
      testEngine(store),
      newRequestStats(),
    );

    should(
      results.map((result) => (result.ok ? "written" : result.failure.code)),
    ).eql(["unknown_outcome", "written", "mapping"]);
  });

  it("[W4] sends several chunks at once, as far as the limiter lets it", async () => {
    const store = new FakeStore({ turns: () => 20 });
    await bulkWrite(
      writes(["a", "b", "c", "d", "e", "f", "g"]),
      TARGET,
      testEngine(store, { writeChunkDocuments: 1, maxConcurrency: 3 }),
      newRequestStats(),
    );

    should(store.busiest).equal(3);
  });

  it("[W4] starts a later write of an id when the earlier one has its result, retries included", async () => {
    const store = new FakeStore();
    let sent = 0;
    store.script.bulkItem = (item) =>
      positionOf(item) === 0 && sent++ < 2 ? failureOf("rejected") : undefined;
    await bulkWrite(
      writes(["a", "b", "a"]),
      TARGET,
      testEngine(store),
      newRequestStats(),
    );

    should(sentPositions(store)).eql([[0, 1], [0], [0], [2]]);
    should(store.sourceOf("yellow", "a")).eql({ n: 2 });
  });

  it("[R10, W4] sends no later write of an id whose earlier one has an unknown outcome", async () => {
    const store = new FakeStore();
    let calls = 0;
    store.script.bulkCall = () =>
      calls++ === 0 ? { error: lostCall(), appliedLate: 1 } : undefined;
    const results = await bulkWrite(
      writes(["a", "b", "a", "c", "a", "c"]),
      TARGET,
      testEngine(store, { writeChunkDocuments: 2 }),
      newRequestStats(),
    );
    store.finishLateWork();

    should(sentPositions(store)).eql([[0, 1], [3], [5]]);
    should(codes(results)).eql([
      "unknown_outcome",
      "unknown_outcome",
      "unavailable",
      "ok",
      "unavailable",
      "ok",
    ]);
    should(results[2]).containEql({ ok: false, attempts: 0 });
    should(results[2]).have.propertyByPath("failure", "retryable").false();
    should(store.sourceOf("yellow", "a")).eql({ n: 0 });
  });

  it("[R10] blocks the repeats of the one item only that has an unknown outcome", async () => {
    const store = new FakeStore();
    store.script.bulkItem = (item) =>
      positionOf(item) === 1 ? failureOf("unknown_outcome") : undefined;
    const results = await bulkWrite(
      writes(["a", "b", "a", "b"]),
      TARGET,
      testEngine(store),
      newRequestStats(),
    );

    should(codes(results)).eql(["ok", "unknown_outcome", "ok", "unavailable"]);
  });

  it("sends a later write of an id whose earlier one the engine did not take", async () => {
    for (const failure of [failureOf("mapping"), failureOf("rejected")]) {
      const store = new FakeStore();
      store.script.bulkItem = (item) =>
        positionOf(item) === 0 ? failure : undefined;
      const results = await bulkWrite(
        writes(["a", "a"]),
        TARGET,
        testEngine(store),
        newRequestStats(),
      );
      should(codes(results)).eql([failure.code, "ok"]);
      should(store.sourceOf("yellow", "a")).eql({ n: 1 });
    }
  });

  it("[U2] retries conflicts of updates without a condition, and of nothing else", async () => {
    const precondition = { ifSeqNo: 1, ifPrimaryTerm: 1 };
    const kinds: Array<[Pick<BulkItem, "operation" | "precondition">, number]> =
      [
        [{ operation: "update" }, 3],
        [{ operation: "update", precondition }, 1],
        [{ operation: "index" }, 1],
        [{ operation: "index", precondition }, 1],
        [{ operation: "create" }, 1],
      ];
    for (const [kind, attempts] of kinds) {
      const store = new FakeStore();
      store.script.bulkItem = () => failureOf("version_conflict");
      const results = await bulkWrite(
        [{ collection: "yellow", _id: "a", payload: "{}", ...kind }],
        { ...TARGET, conflictRetries: 2 },
        testEngine(store),
        newRequestStats(),
      );
      should(results[0]).containEql({ attempts });
      should(store.bulkCalls).have.length(attempts);
    }
  });

  it("sends nothing when there is nothing to send", async () => {
    const store = new FakeStore();
    should(
      await bulkWrite([], TARGET, testEngine(store), newRequestStats()),
    ).eql([]);
    should(store.calls).eql([]);
  });

  describe("for any mix of repeats and any behaviour of the engine", () => {
    type ItemFate = "ok" | Failure;
    type CallFate = "answers" | "refused" | "lost" | "lost, applied late";

    const world = fc.record({
      ids: fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 20 }),
      calls: fc.array(
        fc.oneof(
          { weight: 6, arbitrary: fc.constant<CallFate>("answers") },
          { weight: 2, arbitrary: fc.constant<CallFate>("refused") },
          { weight: 1, arbitrary: fc.constant<CallFate>("lost") },
          { weight: 1, arbitrary: fc.constant<CallFate>("lost, applied late") },
        ),
        { minLength: 1, maxLength: 12 },
      ),
      items: fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.constant<ItemFate>("ok") },
          {
            weight: 4,
            arbitrary: fc.constantFrom<ItemFate>(
              failureOf("rejected"),
              failureOf("unavailable"),
              failureOf("mapping"),
              failureOf("version_conflict"),
            ),
          },
          {
            weight: 1,
            arbitrary: fc.constant<ItemFate>(failureOf("unknown_outcome")),
          },
        ),
        { minLength: 1, maxLength: 30 },
      ),
      late: fc.nat(3),
      turns: fc.array(fc.nat(6), { minLength: 1 }),
      writeChunkDocuments: fc.integer({ min: 1, max: 5 }),
      maxConcurrency: fc.integer({ min: 1, max: 4 }),
      maxRetries: fc.nat(2),
      seed: fc.nat(),
    });
    type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

    async function run(given: World) {
      let call = 0;
      let item = 0;
      let turn = 0;
      const next = <T>(list: readonly T[], at: number) =>
        list[at % list.length] as T;
      const store = new FakeStore({
        bulkCall: () => {
          switch (next(given.calls, call++)) {
            case "answers":
              return undefined;
            case "refused":
              return { error: refusedCall() };
            case "lost":
              return { error: lostCall() };
            case "lost, applied late":
              return { error: lostCall(), appliedLate: given.late };
          }
        },
        bulkItem: () => {
          const fate = next(given.items, item++);
          return fate === "ok" ? undefined : fate;
        },
        turns: () => next(given.turns, turn++),
      });
      const results = await bulkWrite(
        writes(given.ids),
        TARGET,
        testEngine(store, given, given.seed),
        newRequestStats(),
      );
      store.finishLateWork();
      return { store, settled: results };
    }

    it("[R1, W4] has a result for each position, with the times that it was sent", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (given) => {
          const { store, settled: results } = await run(given);
          const sent = store.sentItems.map(positionOf);
          should(results).have.length(given.ids.length);
          given.ids.forEach((_, position) => {
            should(results[position]?.attempts).equal(
              sent.filter((each) => each === position).length,
            );
          });
        }),
      );
    });

    it("[W4] never applies an earlier write of an id after a later one", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (given) => {
          const { store } = await run(given);
          for (const id of new Set(given.ids)) {
            const order = store.applied
              .filter(({ _id }) => _id === id)
              .map(({ payload }) => payload.n as number);
            should(order).eql([...new Set(order)].sort((a, b) => a - b));
          }
        }),
        { numRuns: 300 },
      );
    });

    it("[W4] the last accepted write of each id wins", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (given) => {
          const { store, settled: results } = await run(given);
          for (const id of new Set(given.ids)) {
            const places = [...given.ids.keys()].filter(
              (position) => given.ids[position] === id,
            );
            const accepted = places.filter((each) => results[each]?.ok);
            const inDoubt = places.filter(
              (each) => codes(results)[each] === "unknown_outcome",
            );
            const stored = store.sourceOf("yellow", id)?.n;

            should([accepted.at(-1), ...inDoubt]).containEql(stored);
          }
        }),
      );
    });

    it("[R10] sends nothing of an id any more after an unknown outcome", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (given) => {
          const { store, settled: results } = await run(given);
          const sent = store.sentItems.map(positionOf);
          results.forEach((each, position) => {
            if (each.ok || each.failure.code !== "unknown_outcome") {
              return;
            }
            const later = [...given.ids.keys()].filter(
              (other) =>
                other > position && given.ids[other] === given.ids[position],
            );
            for (const other of later) {
              should(sent).not.containEql(other);
              should(results[other]).containEql({ ok: false, attempts: 0 });
            }
          });
        }),
      );
    });

    it("[W4] keeps the limits of a call, and each id once in it", async () => {
      await fc.assert(
        fc.asyncProperty(world, async (given) => {
          const { store } = await run(given);
          for (const { items } of store.bulkCalls) {
            should(items.length).be.within(1, given.writeChunkDocuments);
            should(new Set(items.map(({ _id }) => _id)).size).equal(
              items.length,
            );
          }
          should(store.busiest).be.belowOrEqual(given.maxConcurrency);
        }),
      );
    });
  });
});

function codes(results: readonly ItemResult<BulkDone>[]): string[] {
  return results.map((each) => (each.ok ? "ok" : each.failure.code));
}
