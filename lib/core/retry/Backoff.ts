/** Why an item is sent again. */
export type RetryCause = "rejected" | "conflict";

export interface BackoffPolicy {
  /** how often one item, or one whole call, that the engine rejected is sent again */
  readonly maxRetries: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * A conflict is over as soon as the other writer is done, so it is tried again
 * much sooner than an engine that has too much to do.
 */
const CONFLICT_DELAY_MS = { base: 5, max: 500 } as const;

/**
 * Exponential back-off with full jitter: a random time between nothing and a
 * bound that doubles with each attempt.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
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
    const { base, max } =
      cause === "conflict"
        ? CONFLICT_DELAY_MS
        : { base: this.policy.baseDelayMs, max: this.policy.maxDelayMs };
    const bound = Math.min(max, base * 2 ** (attempts - 1));

    return Math.round(this.random() * bound);
  }
}
