/** A lane whose calls end when the test says so. */
import { Lane, type LaneOptions } from "../../lib/core/dispatch/Lane";
import type { Part } from "../../lib/core/dispatch/Part";
import type { EngineAnswer } from "../../lib/core/ports/DocumentStore";
import { newRequestStats } from "../../lib/core/RequestStats";
import { TestClock } from "./testEngine";

export type Answer = EngineAnswer<string>;

/** A call to the engine that ends when the test says so. */
interface Call {
  readonly items: readonly string[];
  answer(): Promise<void>;
  fail(error: Error): Promise<void>;
}

const LANE_OPTIONS: LaneOptions = {
  min: 1,
  max: 8,
  merge: { maxSize: 10, maxBytes: 1_000 },
  callsBeforeMerging: 2,
  maxQueueMs: 1_000,
};

export function setUpLane(options: Partial<LaneOptions> = {}) {
  const clock = new TestClock();
  const lane = new Lane({ ...LANE_OPTIONS, ...options }, clock);
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

export function echo(items: readonly string[]): Answer {
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

export function valuesOf({ outcomes }: Answer): (string | undefined)[] {
  return outcomes.map((each) => (each.ok ? each.value : each.failure.code));
}
