import {
  createExecutionContext,
  type Clock,
  type ExecutionContext,
  type ExecutionSettings,
} from "../../lib/core/ExecutionContext";
import type { DocumentStore } from "../../lib/core/ports/DocumentStore";

const SETTINGS: ExecutionSettings = {
  readChunkDocuments: 100,
  writeChunkDocuments: 100,
  writeChunkBytes: 1024 * 1024,
  minConcurrency: 1,
  maxConcurrency: 4,
  maxQueueMs: 10_000,
  maxRetries: 3,
  retryBaseDelayMs: 50,
  retryMaxDelayMs: 5_000,
};

/** A clock on which time passes only when somebody waits, and then instantly. */
export class TestClock implements Clock {
  /** how long each wait would have been, in milliseconds */
  readonly waits: number[] = [];
  private time = 0;
  private alarms: Array<() => void> = [];
  turns: Array<() => void> | undefined;

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.waits.push(ms);
    this.time += ms;
  }

  alarm(_ms: number, ring: () => void): void {
    this.alarms.push(ring);
  }

  /** Each request is its own turn, unless `turns` collects them. */
  endOfTurn(ring: () => void): void {
    if (this.turns === undefined) ring();
    else this.turns.push(ring);
  }

  /** Lets time pass, and all alarms ring. */
  ringAfter(ms: number): void {
    this.time += ms;
    this.alarms.splice(0).forEach((ring) => ring());
  }

  pass(ms: number): void {
    this.time += ms;
  }
}

export interface TestEngine extends ExecutionContext {
  readonly clock: TestClock;
}

/** An engine that does not sleep and whose randomness is seeded. */
export function testEngine(
  store: DocumentStore,
  settings: Partial<ExecutionSettings> = {},
  seed = 1,
): TestEngine {
  const clock = new TestClock();
  const execution = createExecutionContext(
    store,
    { ...SETTINGS, ...settings },
    clock,
    seededRandom(seed),
  );
  return { ...execution, clock };
}

/** Numbers from 0 (inclusive) to 1 (exclusive): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
