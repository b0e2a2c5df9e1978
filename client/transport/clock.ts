/** Time and chance, handed in so that tests decide them. */
export interface Clock {
  /** milliseconds, only ever growing */
  now(): number;
  /** from 0 to below 1 */
  random(): number;
  /** Resolves after so long, or as soon as the signal is aborted. Never rejects. */
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

const BASE_MS = 100;
const MAX_MS = 5_000;

/** Exponential back-off with full jitter. @param attempt from 0 */
export function backoffMs(attempt: number, clock: Clock): number {
  return clock.random() * Math.min(MAX_MS, BASE_MS * 2 ** attempt);
}
