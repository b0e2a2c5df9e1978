import fc from "fast-check";
import should from "should";

import { EngineError } from "../../../../../lib/core/ExecutionContext";
import {
  sendWithRetries,
  type SendPlan,
} from "../../../../../lib/core/retry/sendWithRetries";
import { newRequestStats } from "../../../../../lib/core/RequestStats";
import type { EngineAnswer } from "../../../../../lib/core/ports/DocumentStore";
import type { Failure } from "../../../../../lib/types";
import type { Outcome } from "../../../../../lib/core/outcome";
import { failureOf, lostCall, refusedCall } from "../../../../support/failures";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

type Fate = "ok" | Failure;

function outcome(fate: Fate, value: string): Outcome<string> {
  return fate === "ok" ? { ok: true, value } : { ok: false, failure: fate };
}

/** Sends items whose outcomes, one per attempt, are given. */
function scripted(
  fates: Record<string, readonly Fate[]>,
  options: { chunks?: number[][]; conflictRetries?: number } = {},
) {
  const items = Object.keys(fates);
  const calls: string[][] = [];
  const timesSent = new Map<string, number>();
  const sending: SendPlan<string, string> = {
    chunks: options.chunks ?? [[...items.keys()]],
    conflictRetries: () => options.conflictRetries ?? 0,
    send: async (batch) => {
      calls.push([...batch]);
      return {
        tookMs: 2,
        outcomes: batch.map((item) => {
          const sent = timesSent.get(item) ?? 0;
          timesSent.set(item, sent + 1);
          return outcome(fates[item]?.[sent] ?? "ok", `${item}!`);
        }),
      };
    },
  };
  return { items, calls, sending };
}

const REJECTED = failureOf("rejected");
const UNAVAILABLE = failureOf("unavailable");
const CONFLICT = failureOf("version_conflict");
const MAPPING = failureOf("mapping");

describe("sendWithRetries", () => {
  it("[R10] sends again only the items that answered 429 or 503", async () => {
    const { items, calls, sending } = scripted({
      a: ["ok"],
      b: [REJECTED, "ok"],
      c: [MAPPING, "ok"],
      d: [UNAVAILABLE, REJECTED, "ok"],
      e: [CONFLICT, "ok"],
    });
    const requestStats = newRequestStats();
    const results = await sendWithRetries(
      items,
      sending,
      testEngine(new FakeStore()),
      requestStats,
    );

    should(calls).eql([["a", "b", "c", "d", "e"], ["b", "d"], ["d"]]);
    should(results).eql([
      { ok: true, value: "a!", attempts: 1 },
      { ok: true, value: "b!", attempts: 2 },
      { ok: false, failure: MAPPING, attempts: 1 },
      { ok: true, value: "d!", attempts: 3 },
      { ok: false, failure: CONFLICT, attempts: 1 },
    ]);
    should(requestStats).containEql({ retries: 3, conflicts: 1 });
  });

  it("[R10] sends no item again whose status is another, whatever it is called", async () => {
    const others = ([400, 404, 408, 409, 413, 500, 502, 504] as const).map(
      (status) => failureOf("other", status),
    );
    for (const failure of others) {
      const { items, calls, sending } = scripted({ a: [failure, "ok"] });
      await sendWithRetries(
        items,
        sending,
        testEngine(new FakeStore()),
        newRequestStats(),
      );
      should(calls).have.length(1);
    }
  });

  it("[R10, R9] reports what a 503 left unknown as unknown, unless a retry succeeds", async () => {
    const doubt = failureOf("unknown_outcome", 503);
    const missing = failureOf("not_found", 404);
    const { items, calls, sending } = scripted({
      a: [doubt, "ok"],
      b: [doubt, missing],
      c: [doubt, REJECTED, CONFLICT],
      d: [REJECTED, missing],
    });
    const results = await sendWithRetries(
      items,
      sending,
      testEngine(new FakeStore()),
      newRequestStats(),
    );
    should(calls).eql([["a", "b", "c", "d"], ["a", "b", "c", "d"], ["c"]]);
    should(results).eql([
      { ok: true, value: "a!", attempts: 2 },
      { ok: false, failure: doubt, attempts: 2 },
      { ok: false, failure: doubt, attempts: 3 },
      { ok: false, failure: missing, attempts: 2 },
    ]);
  });

  it("[R10] stops retrying after maxRetries and reports the last failure", async () => {
    const last = failureOf("rejected", 429, "the last one");
    const { items, calls, sending } = scripted({
      a: [REJECTED, REJECTED, last, "ok"],
    });
    const requestStats = newRequestStats();
    const results = await sendWithRetries(
      items,
      sending,
      testEngine(new FakeStore(), { maxRetries: 2 }),
      requestStats,
    );

    should(calls).have.length(3);
    should(results).eql([{ ok: false, failure: last, attempts: 3 }]);
    should(requestStats.retries).equal(2);
  });

  it("[R10] sends nothing again where maxRetries is 0", async () => {
    const { items, calls, sending } = scripted({ a: [REJECTED, "ok"] });
    await sendWithRetries(
      items,
      sending,
      testEngine(new FakeStore(), { maxRetries: 0 }),
      newRequestStats(),
    );
    should(calls).have.length(1);
  });

  it("[U2] sends a conflict again as often as is allowed, and no oftener", async () => {
    for (const allowed of [0, 1, 3]) {
      const { items, calls, sending } = scripted(
        { a: Array.from({ length: 9 }, () => CONFLICT) },
        { conflictRetries: allowed },
      );
      const requestStats = newRequestStats();
      const results = await sendWithRetries(
        items,
        sending,
        testEngine(new FakeStore()),
        requestStats,
      );
      should(calls).have.length(allowed + 1);
      should(results[0]).containEql({ ok: false, attempts: allowed + 1 });
      should(requestStats.conflicts).equal(allowed + 1);
    }
  });

  it("[U2] counts conflicts and rejections of one item apart", async () => {
    const { items, sending } = scripted(
      { a: [CONFLICT, REJECTED, CONFLICT, REJECTED, "ok"] },
      { conflictRetries: 2 },
    );
    const requestStats = newRequestStats();
    const results = await sendWithRetries(
      items,
      sending,
      testEngine(new FakeStore(), { maxRetries: 2 }),
      requestStats,
    );

    should(results).eql([{ ok: true, value: "a!", attempts: 5 }]);
    should(requestStats).containEql({ conflicts: 2, retries: 4 });
  });

  it("[R10] sends a whole call again that was rejected", async () => {
    const calls: string[][] = [];
    const requestStats = newRequestStats();
    const results = await sendWithRetries<string, string>(
      ["a", "b"],
      {
        chunks: [[0, 1]],
        send: async (batch) => {
          calls.push([...batch]);
          if (calls.length === 1) {
            throw refusedCall();
          }
          return { outcomes: batch.map((item) => outcome("ok", item)) };
        },
      },
      testEngine(new FakeStore()),
      requestStats,
    );

    should(calls).eql([
      ["a", "b"],
      ["a", "b"],
    ]);
    should(results.map((each) => each?.attempts)).eql([2, 2]);
    should(requestStats.retries).equal(2);
  });

  it("[R10] never sends again what has an unknown outcome", async () => {
    for (const error of [
      lostCall(),
      // even with a status that would be retried for a single item
      new EngineError(failureOf("unavailable"), false),
    ]) {
      let calls = 0;
      const results = await sendWithRetries<string, string>(
        ["a", "b"],
        {
          chunks: [[0, 1]],
          send: async () => {
            calls++;
            throw error;
          },
        },
        testEngine(new FakeStore()),
        newRequestStats(),
      );
      should(calls).equal(1);
      should(results).eql([
        { ok: false, failure: error.failure, attempts: 1 },
        { ok: false, failure: error.failure, attempts: 1 },
      ]);
    }
  });

  it("[R10] leaves an item alone whose own answer is an unknown outcome", async () => {
    const { items, calls, sending } = scripted({
      a: [failureOf("unknown_outcome"), "ok"],
    });
    await sendWithRetries(
      items,
      sending,
      testEngine(new FakeStore()),
      newRequestStats(),
    );
    should(calls).have.length(1);
  });

  it("[R1] treats a response that lacks an item as an error", async () => {
    const lossy = async (batch: readonly string[]) =>
      ({
        outcomes: batch.slice(1).map((item) => outcome("ok", item)),
      }) satisfies EngineAnswer<string>;

    await sendWithRetries<string, string>(
      ["a", "b"],
      { chunks: [[0, 1]], send: lossy },
      testEngine(new FakeStore()),
      newRequestStats(),
    ).should.be.rejectedWith({ name: "AssertionError" });
  });

  it("passes on what is no error of the engine", async () => {
    const execution = testEngine(new FakeStore());
    await sendWithRetries<string, string>(
      ["a"],
      {
        chunks: [[0]],
        send: async () => {
          throw new TypeError("a mistake of ours");
        },
      },
      execution,
      newRequestStats(),
    ).should.be.rejectedWith("a mistake of ours");
  });

  it("[R10] waits before sending again, for the longest time that an item requires", async () => {
    const { items, sending } = scripted(
      { a: [CONFLICT, "ok"], b: [REJECTED, REJECTED, "ok"] },
      { conflictRetries: 1 },
    );
    const execution = testEngine(new FakeStore(), { retryBaseDelayMs: 1_000 });
    await sendWithRetries(items, sending, execution, newRequestStats());

    should(execution.clock.waits).have.length(2);
    should(execution.clock.waits[0]).be.within(1, 1_000);
    should(execution.clock.waits[1]).be.within(1, 2_000);
  });

  it("[R1, R10] has one result for each item for any behaviour, within the bounds", async () => {
    const fate = fc.constantFrom<Fate>(
      "ok",
      REJECTED,
      UNAVAILABLE,
      CONFLICT,
      MAPPING,
      failureOf("unknown_outcome"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fate, { maxLength: 12 }), { maxLength: 8 }),
        fc.nat(3),
        fc.nat(3),
        async (fates, maxRetries, conflictRetries) => {
          const { items, calls, sending } = scripted(
            Object.fromEntries(fates.map((each, i) => [`i${i}`, each])),
            {
              conflictRetries,
              chunks: fates.map((_, i) => [i]),
            },
          );
          const requestStats = newRequestStats();
          const results = await sendWithRetries(
            items,
            sending,
            testEngine(new FakeStore(), { maxRetries }),
            requestStats,
          );

          should(results).have.length(items.length);
          results.forEach((each, i) => {
            const sent = calls.flat().filter((item) => item === items[i]);
            const told = (fates[i] as Fate[]).slice(0, sent.length);
            const before = told.slice(0, sent.length - 1);

            should(each?.attempts).equal(sent.length);
            should(
              before.every(
                (one) =>
                  one === REJECTED || one === UNAVAILABLE || one === CONFLICT,
              ),
            ).be.true();
            should(
              before.filter((one) => one === CONFLICT).length,
            ).be.belowOrEqual(conflictRetries);
            should(
              before.filter((one) => one !== CONFLICT).length,
            ).be.belowOrEqual(maxRetries);
          });
          should(requestStats.retries).equal(
            calls.flat().length - items.length,
          );
        },
      ),
    );
  });
});
