import _ from "lodash";
import should from "should";

import { EngineError } from "../../../../../lib/core/ports/DocumentStore";
import {
  newRequestStats,
  type RequestStats,
} from "../../../../../lib/core/RequestStats";
import { failureOf, lostCall, refusedCall } from "../../../../support/failures";
import { echo, setUpLane, valuesOf } from "../../../../support/lanes";

describe("Lane", () => {
  it("[R12] sends at once while few calls are in flight", () => {
    const { ask, sent } = setUpLane();
    void ask(["a"]);
    void ask(["b"]);
    should(sent()).eql([["a"], ["b"]]);
  });

  it("[R12] merges what arrives in one turn, next to a call in flight", async () => {
    const { clock, ask, calls, sent } = setUpLane();
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
    const { ask, calls, sent } = setUpLane();
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
    const { ask, calls, sent } = setUpLane();
    void ask(["a"]);
    void ask(["b"]);
    void ask(["other"], { kind: "get with a mask" });
    void ask(["atomic"], { kind: undefined });
    void ask(["c"]);
    await calls[0]?.answer();
    should(sent()).eql([["a"], ["b"], ["other"], ["atomic"], ["c"]]);
  });

  it("[R12] sends a full call at once, up to the limits of a call", async () => {
    const { ask, sent } = setUpLane();
    void ask(["a"]);
    void ask(["b"]);
    for (let i = 0; i < 4; i++) {
      void ask(["x", "y", "z"]);
    }
    // the fourth part has filled it, and no longer fits in
    should(sent().map(({ length }) => length)).eql([1, 1, 9]);

    const heavy = setUpLane();
    void heavy.ask(["a"]);
    void heavy.ask(["b"]);
    void heavy.ask(["c"], { bytes: 600 });
    void heavy.ask(["d"], { bytes: 600 });
    should(heavy.sent()).eql([["a"], ["b"], ["c"]]);
  });

  it("[R12] lets requests take turns, so that a large one does not starve small ones", async () => {
    const { ask, calls, sent } = setUpLane({ max: 1 });
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
    const { ask, lane, calls } = setUpLane({ max: 3 });
    for (let i = 0; i < 9; i++) {
      void ask([`${i}`], { kind: undefined });
    }
    should(lane.inflight).equal(3);
    await calls[0]?.answer();
    should(lane.inflight).equal(3);
    should(calls).have.length(4);
  });

  it("[R12] does not send what has waited for longer than maxQueueMs", async () => {
    const { ask, calls, clock, sent } = setUpLane({ max: 1 });
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
    const { ask, calls, sent } = setUpLane({
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
    const { ask, calls, sent, clock } = setUpLane();
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
    const { ask, calls, sent } = setUpLane();
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
      const { ask, calls, sent } = setUpLane();
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
    const { ask } = setUpLane();
    await ask(["a", "b"], {
      send: async () => echo(["a"]),
    }).should.be.rejectedWith({ name: "AssertionError" });
  });

  it("[W4] halves its limit when an item, or a whole call, was rejected for load", async () => {
    const { ask, lane } = setUpLane();
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
    const { ask, calls, clock } = setUpLane();
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

  it("[R12] waits for a call that waits for a refresh only as long as it may", async () => {
    const { ask, clock, sent } = setUpLane({ patienceMs: 20 });
    void ask(["a"]);
    void ask(["b"]);
    void ask(["c"]);
    void ask(["d"]);
    clock.ringAfter(25);
    should(sent()).eql([["a"], ["b"], ["c", "d"]]);
  });

  it("[R12] keeps the order of repeats of one address, within a part and over the parts of a call", async () => {
    const { ask, calls, sent } = setUpLane();
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
