import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import type { DocumentStore } from "./ports/DocumentStore";
import { Backoff, type BackoffPolicy } from "./retry/Backoff";
import { Dispatcher, type DispatchSettings } from "./dispatch/Dispatcher";

export { EngineError } from "./ports/DocumentStore";

/** Time as a parameter, so that tests need no fake clocks. */
export interface Clock {
  /** milliseconds; only for measuring differences */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** calls back once, after about this many milliseconds */
  alarm(ms: number, ring: () => void): void;
  /** calls back once, at the end of this turn of the event loop */
  endOfTurn(ring: () => void): void;
}

/** The maximum size of one call to the engine. */
export interface CallLimits {
  readonly readChunkDocuments: number;
  readonly writeChunkDocuments: number;
  readonly writeChunkBytes: number;
}

/** What every operation needs; there is one per node. */
export interface ExecutionContext {
  readonly store: DocumentStore;
  readonly dispatcher: Dispatcher;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly limits: CallLimits;
}

export interface ExecutionSettings extends CallLimits, DispatchSettings {
  readonly maxRetries: number;
  readonly retryBaseDelayMs: number;
  readonly retryMaxDelayMs: number;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms) => sleep(ms),
  alarm: (ms, ring) => void setTimeout(ring, ms),
  endOfTurn: (ring) => void setImmediate(ring),
};

export function createExecutionContext(
  store: DocumentStore,
  settings: ExecutionSettings,
  clock: Clock = SYSTEM_CLOCK,
  random: () => number = Math.random,
): ExecutionContext {
  const policy: BackoffPolicy = {
    maxRetries: settings.maxRetries,
    baseDelayMs: settings.retryBaseDelayMs,
    maxDelayMs: settings.retryMaxDelayMs,
  };
  return {
    store,
    dispatcher: new Dispatcher(settings, clock),
    backoff: new Backoff(policy, random),
    clock,
    limits: settings,
  };
}
