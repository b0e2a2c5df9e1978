/** Why an item is sent again. */
export type RetryCause = "rejected" | "conflict";

export interface BackoffPolicy {
  /** how often one item, or one whole call, that the engine rejected is sent again */
  readonly maxRetries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Bounds of a wait in milliseconds: of the first one, and of any. */
export interface DelayBounds {
  readonly base: number;
  readonly max: number;
}

/**
 * A conflict is over as soon as the other writer is done, so it is tried again
 * much sooner than an engine that has too much to do.
 */
const CONFLICT_DELAY_MS: DelayBounds = { base: 5, max: 500 };

/**
 * Exponential back-off with full jitter: a random time between nothing and a
 * bound that doubles with each attempt.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempts how often it was sent already, at least 1
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

/** How long the plugin waits before it sends to the engine again. */
export class Backoff {
  constructor(
    readonly policy: BackoffPolicy,
    private readonly random: () => number,
  ) {}

  /**
   * @param attempts how often it was sent already, at least 1
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
