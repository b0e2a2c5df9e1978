import fc from "fast-check";
import _ from "lodash";
import should from "should";

import { Lane, type LaneOptions } from "../../../../../lib/core/dispatch/Lane";
import type { Part } from "../../../../../lib/core/dispatch/Part";
import {
  EngineError,
  type EngineAnswer,
} from "../../../../../lib/core/ports/DocumentStore";
import {
  newRequestStats,
  type RequestStats,
} from "../../../../../lib/core/RequestStats";
import { failureOf, lostCall, refusedCall } from "../../../../support/failures";
import { TestClock } from "../../../../support/testEngine";

type Answer = EngineAnswer<string>;

/** A call to the engine that ends when the test says so. */
interface Call {
  readonly items: readonly string[];
  answer(): Promise<void>;
  fail(error: Error): Promise<void>;
}

const OPTIONS: LaneOptions = {
  min: 1,
  max: 8,
  merge: { maxSize: 10, maxBytes: 1_000 },
  callsBeforeMerging: 2,
  maxQueueMs: 1_000,
};

function setUp(options: Partial<LaneOptions> = {}) {
  const clock = new TestClock();
  const lane = new Lane({ ...OPTIONS, ...options }, clock);
  const calls: Call[] = [];

  function send(chunks: readonly (readonly string[])[]): Promise<Answer> {
    const items = chunks.flat();
    return new Promise((resolve, reject) => {
      calls.push({
        items,
        answer: () => {
          resolve(echo(items));
          return turns();
        },
        fail: (error) => {
          reject(error);
          return turns();
        },
      });
    });
  }

  function ask(
    items: readonly string[],
    part: Partial<Part<readonly string[], string>> = {},
  ): Promise<Answer> {
    return lane.send<readonly string[], string>({
      chunk: items,
      size: items.length,
      bytes: 1,
      places: () => ["nyc/yellow"],
      kind: "get",
      stats: newRequestStats(),
      send,
      ...part,
    });
  }
  const sent = (): (readonly string[])[] => calls.map(({ items }) => items);
  return { clock, lane, calls, ask, sent };
}

function echo(items: readonly string[]): Answer {
  return {
    tookMs: 2,
    outcomes: items.map((item) => ({ ok: true, value: `${item}!` })),
  };
}

/** As many turns as any promise chain in a lane takes. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
  }
}

function valuesOf({ outcomes }: Answer): (string | undefined)[] {
  return outcomes.map((each) => (each.ok ? each.value : each.failure.code));
}

describe("Lane", () => {
  it("[R12] sends at once while few calls are in flight", () => {
    const { ask, sent } = setUp();
    void ask(["a"]);
    void ask(["b"]);
    should(sent()).eql([["a"], ["b"]]);
  });

  it("[R12] merges what arrives in one turn, next to a call in flight", async () => {
    const { clock, ask, calls, sent } = setUp();
    clock.turns = [];
    void ask(["a"]);
    should(sent()).eql([["a"]]);
    void ask(["b"]);
    void ask(["c"]);
    should(sent()).eql([["a"]]);
    should(clock.turns).have.length(1);
    clock.turns.splice(0).forEach((ring) => ring());
    should(sent()).eql([["a"], ["b", "c"]]);

    for (const call of calls) await call.answer();
    void ask(["d"]);
    should(sent().at(-1)).eql(["d"]);
  });

  it("[R12] merges what waits while calls of its kind are in flight, and returns results by position", async () => {
    const { ask, calls, sent } = setUp();
    const asked = [["a"], ["b"], ["c", "d"], ["e"]].map((each) => ask(each));
    await calls[0]?.answer();
    should(sent()).eql([["a"], ["b"], ["c", "d", "e"]]);

    await calls[1]?.answer();
    await calls[2]?.answer();
    should((await Promise.all(asked)).map(valuesOf)).eql([
      ["a!"],
      ["b!"],
      ["c!", "d!"],
      ["e!"],
    ]);
  });

  it("[R12] keeps kinds separate, as well as what must be sent alone", async () => {
    const { ask, calls, sent } = setUp();
    void ask(["a"]);
    void ask(["b"]);
    void ask(["other"], { kind: "get with a mask" });
    void ask(["atomic"], { kind: undefined });
    void ask(["c"]);
    await calls[0]?.answer();
    should(sent()).eql([["a"], ["b"], ["other"], ["atomic"], ["c"]]);
  });

  it("[R12] sends a full call at once, up to the limits of a call", async () => {
    const { ask, sent } = setUp();
    void ask(["a"]);
    void ask(["b"]);
    for (let i = 0; i < 4; i++) {
      void ask(["x", "y", "z"]);
    }
    // the fourth part has filled it, and no longer fits in
    should(sent().map(({ length }) => length)).eql([1, 1, 9]);

    const heavy = setUp();
    void heavy.ask(["a"]);
    void heavy.ask(["b"]);
    void heavy.ask(["c"], { bytes: 600 });
    void heavy.ask(["d"], { bytes: 600 });
    should(heavy.sent()).eql([["a"], ["b"], ["c"]]);
  });

  it("[R12] lets requests take turns, so that a large one does not starve small ones", async () => {
    const { ask, calls, sent } = setUp({ max: 1 });
    const large = newRequestStats();
    const small = newRequestStats();
    for (let i = 0; i < 5; i++) {
      void ask([`large ${i}`], { kind: undefined, stats: large });
    }
    void ask(["small"], { kind: undefined, stats: small });
    for (let i = 0; i < 3; i++) {
      await calls[i]?.answer();
    }
    should(sent().slice(0, 4).flat()).eql([
      "large 0",
      "large 1",
      "small",
      "large 2",
    ]);
  });

  it("[R12] never has more calls in flight than the limit", async () => {
    const { ask, lane, calls } = setUp({ max: 3 });
    for (let i = 0; i < 9; i++) {
      void ask([`${i}`], { kind: undefined });
    }
    should(lane.inflight).equal(3);
    await calls[0]?.answer();
    should(lane.inflight).equal(3);
    should(calls).have.length(4);
  });

  it("[R12] does not send what has waited for longer than maxQueueMs", async () => {
    const { ask, calls, clock, sent } = setUp({ max: 1 });
    void ask(["a"], { kind: undefined });
    const stats = newRequestStats();
    const late = ask(["b"], { kind: undefined, stats });
    const failed = late.should.be.rejectedWith({
      failure: { status: 503, code: "rejected", retryable: true },
      // the plugin does not retry by itself: it would wait as long
      retryable: false,
    });
    clock.ringAfter(999);
    const inTime = ask(["c"], { kind: undefined });
    clock.ringAfter(1);
    await failed;
    should(stats).containEql({ queueMs: 1_000, engineCalls: 0 });

    await calls[0]?.answer();
    await calls[1]?.answer();
    should(valuesOf(await inTime)).eql(["c!"]);
    should(sent()).eql([["a"], ["c"]]);
  });

  it("[R12] finds the part that makes a call fail in few more calls", async () => {
    const { ask, calls, sent } = setUp({
      merge: { maxSize: 100, maxBytes: 1e6 },
    });
    void ask(["a"]);
    void ask(["b"]);
    const names = Array.from({ length: 64 }, (_, i) => `${i}`);
    const answers = names.map((name) => ask([name]).then(valuesOf, () => name));
    await calls[0]?.answer();
    for (let i = 2; i < calls.length; i++) {
      await (sent()[i]?.includes("40")
        ? calls[i]?.fail(new EngineError(failureOf("invalid"), false))
        : calls[i]?.answer());
    }

    should(await Promise.all(answers)).eql(
      names.map((name) => (name === "40" ? name : [`${name}!`])),
    );
    should(sent()).have.length(2 + 1 + 2 * 6);
  });

  it("[R12] never merges parts that may make a call fail with others, slow or not", async () => {
    const { ask, calls, sent, clock } = setUp();
    void ask(["a"]);
    void ask(["b"]);
    void ask(["c"]);
    ask(["bad"]).catch(() => undefined);
    await calls[0]?.answer();
    // that call was late, so all of its collections are slow now
    clock.pass(1_000);
    void ask(["d"]);
    await calls[2]?.fail(new EngineError(failureOf("invalid"), false));
    clock.ringAfter(30);
    void ask(["e"]);
    for (const call of calls) {
      await call.answer();
    }

    const withBad = sent().filter((items) => items.includes("bad"));
    should(withBad).eql([["c", "bad"], ["bad"]]);
  });

  it("[R12] sends each part apart when the engine rejects the whole call", async () => {
    const { ask, calls, sent } = setUp();
    void ask(["a"]);
    void ask(["b"]);
    const good = ask(["good"]);
    const bad = ask(["bad"]);
    await calls[0]?.answer();
    should(sent()[2]).eql(["good", "bad"]);

    const refused = new EngineError(failureOf("invalid"), false);
    await calls[2]?.fail(refused);
    should(sent().slice(3)).eql([["good"], ["bad"]]);
    await calls[3]?.answer();
    const failed = bad.should.be.rejectedWith(refused);
    await calls[4]?.fail(refused);

    await failed;
    should(valuesOf(await good)).eql(["good!"]);
  });

  it("[R12] fails each part of a call whose response is lost, and sends none again", async () => {
    for (const error of [lostCall(), refusedCall(), new TypeError("ours")]) {
      const { ask, calls, sent } = setUp();
      void ask(["a"]);
      void ask(["b"]);
      const failed = [ask(["c"]), ask(["d"])].map((each) =>
        each.should.be.rejectedWith(error),
      );
      await calls[0]?.answer();
      await calls[2]?.fail(error);
      await Promise.all(failed);
      should(sent()).have.length(3);
    }
  });

  it("[R1] treats a response that lacks an item as an error", async () => {
    const { ask } = setUp();
    await ask(["a", "b"], {
      send: async () => echo(["a"]),
    }).should.be.rejectedWith({ name: "AssertionError" });
  });

  it("[W4] halves its limit when an item, or a whole call, was rejected for load", async () => {
    const { ask, lane } = setUp();
    await ask(["a"], {
      send: async () => ({
        outcomes: [{ ok: false, failure: failureOf("rejected") }],
      }),
    });
    should(lane.limit).equal(4);
    await ask(["a"], {
      send: async () => {
        throw refusedCall();
      },
    }).should.be.rejected();
    should(lane.limit).equal(2);
    // a disk at its flood stage, which only the status reveals
    await ask(["a"], {
      send: async () => ({
        outcomes: [{ ok: false, failure: failureOf("unavailable", 429) }],
      }),
    });
    should(lane.limit).equal(1);
    await ask(["a"], {
      send: async () => ({
        outcomes: [{ ok: false, failure: failureOf("mapping") }],
      }),
    });
    should(lane.limit).equal(1);
  });

  it("[I1] reports to each request its calls and their duration", async () => {
    const { ask, calls, clock } = setUp();
    const all = _.times(4, newRequestStats);
    const [last] = all.slice(-1);
    // the last with two parts in one call
    const asked = [...all, last].map((stats) => ask(["x"], { stats: stats! }));
    clock.pass(10);
    await calls[0]?.answer();
    clock.pass(5);
    await calls[1]?.answer();
    await calls[2]?.answer();
    await Promise.all(asked);
    const told = (stats: RequestStats): object =>
      _.pick(stats, ["engineCalls", "engineTookMs", "queueMs"]);
    should(all.map(told)).eql([
      { engineCalls: 1, engineTookMs: 2, queueMs: 0 },
      { engineCalls: 1, engineTookMs: 2, queueMs: 0 },
      { engineCalls: 1, engineTookMs: 2, queueMs: 10 },
      { engineCalls: 1, engineTookMs: 2, queueMs: 20 },
    ]);
  });

  describe("with a collection that is slow", () => {
    const slow = { places: () => ["nyc/slow"] };

    it("[R12] lets nothing wait for it", async () => {
      const { ask, clock, calls, sent } = setUp();
      void ask(["a"]);
      await calls[0]?.answer();
      void ask(["s1"], slow);
      void ask(["s2"], slow);
      void ask(["b"]);
      void ask(["s3"], slow);
      should(sent()).eql([["a"], ["s1"], ["s2"]]);

      clock.ringAfter(200);
      should(sent().slice(3)).eql([["b"], ["s3"]]);
      await calls[3]?.answer();
      // known by now, it has a lane of its own
      void ask(["s4"], slow);
      void ask(["s5"], slow);
      void ask(["c"]);
      should(sent().slice(5)).eql([["s4"], ["c"]]);
    });

    it("[R12] leaves it at most half of the slots", async () => {
      const { ask, clock, calls, lane } = setUp({ max: 8 });
      void ask(["a"]);
      await calls[0]?.answer();
      const alone = { ...slow, kind: undefined };
      void ask(["s"], alone);
      clock.pass(5_000);
      await calls[1]?.answer();
      for (let i = 0; i < 9; i++) {
        void ask(["s"], { ...alone, stats: newRequestStats() });
      }
      should(lane.inflight).equal(4);
      void ask(["b"]);
      should(lane.inflight).equal(5);
    });

    it("[R12] keeps knowing it, also where no others make calls of its size", async () => {
      const { ask, clock, calls, sent } = setUp();
      void ask(["a"]);
      await calls[0]?.answer();
      for (let i = 1; i <= 15; i++) {
        void ask(["s", "s"], slow);
        clock.pass(2_000);
        await calls[i]?.answer();
      }
      void ask(["s", "s"], slow);
      void ask(["s", "s"], slow);
      void ask(["b"]);
      should(sent().slice(16)).eql([["s", "s"], ["s", "s"], ["b"]]);
    });

    it("[R12] knows it by a large call, too, where only smaller ones were made before", async () => {
      const { ask, clock, calls, sent } = setUp();
      void ask(["a"]);
      clock.pass(20);
      await calls[0]?.answer();
      const many = _.times(100, () => "s");
      void ask(many, slow);
      clock.pass(2_000);
      await calls[1]?.answer();
      void ask(["s"], slow);
      void ask(["s"], slow);
      void ask(["b"]);
      should(sent().slice(2)).eql([["s"], ["s"], ["b"]]);
    });

    it("[R12] considers usual what all calls take", async () => {
      const { ask, clock, calls, sent } = setUp();
      void ask(["a"]);
      await calls[0]?.answer();
      for (let i = 1; i <= 200; i++) {
        void ask(["a"]);
        clock.pass(2_000);
        await calls[i]?.answer();
      }
      void ask(["a"]);
      void ask(["s"], slow);
      void ask(["b"]);
      should(sent().slice(201)).eql([["a"], ["s"]]);
    });

    it("[R12] merges it with the others again once it is fast", async () => {
      const { ask, clock, calls, sent } = setUp();
      void ask(["a"]);
      await calls[0]?.answer();
      void ask(["s"], slow);
      clock.pass(5_000);
      await calls[1]?.answer();
      void ask(["s"], slow);
      await calls[2]?.answer();

      void ask(["b"]);
      void ask(["c"]);
      void ask(["s"], slow);
      void ask(["d"]);
      await calls[3]?.answer();
      should(sent().slice(5)).eql([["s", "d"]]);
    });
  });

  it("[R12] waits for a call that waits for a refresh only as long as it may", async () => {
    const { ask, clock, sent } = setUp({ patienceMs: 20 });
    void ask(["a"]);
    void ask(["b"]);
    void ask(["c"]);
    void ask(["d"]);
    clock.ringAfter(25);
    should(sent()).eql([["a"], ["b"], ["c", "d"]]);
  });

  /**
   * An engine that stores what it receives. Its responses have a version for each item, so
   * that no two are equal, and it knows which chunk each belongs to.
   */
  class StoringEngine {
    readonly stored = new Map<string, number>();
    /** in the order in which they were accepted */
    readonly taken: (readonly string[])[] = [];
    readonly answers = new Map<readonly string[], readonly string[]>();
    readonly lost = new Set<readonly string[]>();
    private version = 0;

    /** @throws for one bad item, and then accepts nothing of the whole call */
    take(chunks: readonly (readonly string[])[]): Answer {
      if (chunks.flat().includes("refused")) {
        throw new EngineError(failureOf("invalid"), false);
      }
      for (const chunk of chunks) {
        this.taken.push(chunk);
        const answers = chunk.map((item) => this.put(item));
        this.answers.set(chunk, answers);
      }
      const all = chunks.flatMap((chunk) => this.answers.get(chunk) ?? []);
      return {
        outcomes: all.map((value) =>
          value === "not_found"
            ? { ok: false, failure: failureOf("not_found") }
            : { ok: true, value },
        ),
      };
    }

    private put(item: string): string {
      if (item === "missing") return "not_found";
      this.stored.set(item, ++this.version);
      return `${item} of version ${this.version}`;
    }
  }

  const PART = fc.record({
    items: fc.array(fc.constantFrom("a", "a", "b", "c", "missing", "refused"), {
      minLength: 1,
      maxLength: 12,
    }),
    kind: fc.constantFrom("get", "put", undefined),
    place: fc.constantFrom("nyc/yellow", "nyc/slow"),
    /** its requests: one has several parts, which may share a call */
    request: fc.nat(9),
    turns: fc.nat(5),
  });
  /** How calls end, in order: when, and whether the response is lost. */
  const ENDS = fc.array(
    fc.record({
      isLost: fc.boolean(),
      isRefusedForLoad: fc.boolean(),
      turns: fc.nat(9),
    }),
    { maxLength: 20 },
  );

  it("[R12, R10] gives each request what it would have got alone, and sends nothing twice, for any interleaving", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(PART, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        ENDS,
        fc.record({ ms: fc.nat(400), maxQueueMs: fc.constantFrom(100, 1e9) }),
        async (parts, max, ends, { ms, maxQueueMs }) => {
          const { clock, ask, lane } = setUp({ max, maxQueueMs });
          const engine = new StoringEngine();
          const overloaded = new Set<readonly string[]>();
          const requests = _.times(10, newRequestStats);
          const sent = new Set<readonly string[]>();
          let calls = 0;
          let most = 0;
          const kindsOfCalls: Set<string | undefined>[] = [];
          const send =
            (kind: string | undefined) =>
            async (chunks: readonly (readonly string[])[]): Promise<Answer> => {
              const end = ends[calls++];
              most = Math.max(most, lane.inflight);
              kindsOfCalls.push(
                new Set([kind, ...chunks.map((each) => kindOf.get(each))]),
              );
              chunks.forEach((each) => sent.add(each));
              for (let left = end?.turns ?? 0; left > 0; left--) {
                await Promise.resolve();
              }
              clock.ringAfter(ms);
              if (end?.isRefusedForLoad) {
                chunks.forEach((each) => overloaded.add(each));
                throw refusedCall();
              }
              const answer = engine.take(chunks);
              if (end?.isLost) {
                chunks.forEach((each) => engine.lost.add(each));
                throw lostCall();
              }
              return answer;
            };
          const kindOf = new Map<readonly string[], string | undefined>(
            parts.map(({ items, kind }) => [items, kind]),
          );

          const answers = await Promise.all(
            parts.map(async ({ items, kind, place, request, turns: wait }) => {
              for (let left = wait; left > 0; left--) {
                await Promise.resolve();
              }
              return ask(items, {
                kind,
                places: () => [place],
                stats: requests[request]!,
                send: send(kind),
              }).then(valuesOf, ({ failure }: EngineError) => failure.code);
            }),
          );

          const counts = _.countBy(engine.taken, (each) =>
            parts.findIndex(
              ({ items }) => (items as readonly string[]) === each,
            ),
          );
          parts.forEach(({ items }, i) => {
            const isTaken = engine.answers.has(items);
            should(counts[i] ?? 0).equal(isTaken ? 1 : 0);
            if (isTaken) {
              should(answers[i]).eql(
                engine.lost.has(items)
                  ? "unknown_outcome"
                  : engine.answers.get(items),
              );
            } else if (!sent.has(items)) {
              // it waited too long
              should(answers[i]).equal("rejected");
              should(maxQueueMs).equal(100);
            } else if (overloaded.has(items)) {
              should(answers[i]).equal("rejected");
            } else if (items.includes("refused")) {
              should(["invalid", "rejected"]).containEql(answers[i]);
            } else {
              // rejected with others, and then not sent again in time
              should(answers[i]).equal("rejected");
              should(maxQueueMs).equal(100);
            }
          });
          kindsOfCalls.forEach((kinds) => should(kinds.size).equal(1));
          should(most).be.belowOrEqual(max);
          should(lane.inflight).equal(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("[R12] keeps the order of repeats of one address, within a part and over the parts of a call", async () => {
    const { ask, calls, sent } = setUp();
    void ask(["x"]);
    void ask(["y"]);
    const asked = [["a 1", "a 2"], ["a 3"], ["a 4", "a 5"]].map((items) =>
      ask(items),
    );
    await calls[0]?.answer();
    should(sent()[2]).eql(["a 1", "a 2", "a 3", "a 4", "a 5"]);
    await calls[2]?.answer();
    should((await Promise.all(asked)).map(valuesOf)).eql([
      ["a 1!", "a 2!"],
      ["a 3!"],
      ["a 4!", "a 5!"],
    ]);
  });
});
