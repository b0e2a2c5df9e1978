import fc from "fast-check";
import _ from "lodash";
import should from "should";

import { EngineError } from "../../../../../lib/core/ports/DocumentStore";
import { newRequestStats } from "../../../../../lib/core/RequestStats";
import { failureOf, lostCall, refusedCall } from "../../../../support/failures";
import { type Answer, setUpLane, valuesOf } from "../../../../support/lanes";

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

describe("any interleaving of requests", () => {
  it("[R12, R10] gives each request what it would have got alone, and sends nothing twice, for any interleaving", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(PART, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        ENDS,
        fc.record({ ms: fc.nat(400), maxQueueMs: fc.constantFrom(100, 1e9) }),
        async (parts, max, ends, { ms, maxQueueMs }) => {
          const { clock, ask, lane } = setUpLane({ max, maxQueueMs });
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
});
