/** Why an item is sent again. */
export type RetryCause = "rejected" | "conflict";

export interface BackoffPolicy {
  /** how often an item, or a whole call, is sent again after the engine rejected it */
  readonly maxRetries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Upper bounds of the wait in milliseconds: of the first one, and of any. */
export interface DelayBounds {
  readonly base: number;
  readonly max: number;
}

/**
 * A conflict is over as soon as the other writer is done, so it is retried much sooner
 * than a call to an overloaded engine.
 */
const CONFLICT_DELAY_MS: DelayBounds = { base: 5, max: 500 };

/**
 * Exponential backoff with full jitter: a random time between zero and a bound that
 * doubles with each attempt.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempts how often it has been sent, at least 1
 * @param random from 0 to below 1
 * @returns milliseconds to wait
 */
export function jitteredDelayMs(
  attempts: number,
  { base, max }: DelayBounds,
  random: () => number,
): number {
  return Math.round(random() * Math.min(max, base * 2 ** (attempts - 1)));
}

/** How long the plugin waits before it retries a call to the engine. */
export class Backoff {
  constructor(
    readonly policy: BackoffPolicy,
    private readonly random: () => number,
  ) {}

  /**
   * @param attempts how often it has been sent, at least 1
   * @returns milliseconds to wait
   */
  delayMs(cause: RetryCause, attempts: number): number {
    const bounds =
      cause === "conflict"
        ? CONFLICT_DELAY_MS
        : { base: this.policy.baseDelayMs, max: this.policy.maxDelayMs };
    return jitteredDelayMs(attempts, bounds, this.random);
  }
}
