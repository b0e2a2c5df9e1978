import {
  jitteredDelayMs,
  type DelayBounds,
} from "../../lib/core/retry/Backoff";

/** Time and randomness, passed in so that tests control them. */
export interface Clock {
  /** milliseconds, monotonic */
  now(): number;
  /** at least 0, less than 1 */
  random(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener("abort", wake);
    }),
};

const DELAY_MS: DelayBounds = { base: 100, max: 5_000 };

/** @param attempt from 0 @returns milliseconds to wait before the next attempt */
export function backoffMs(attempt: number, clock: Clock): number {
  return jitteredDelayMs(attempt + 1, DELAY_MS, () => clock.random());
}
