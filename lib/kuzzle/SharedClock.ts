/** An answer that took longer tells too little of when it was given. */
const LONGEST_ANSWER_MS = 1_000;
const INTERVAL_MS = 60_000;

export interface LocalClocks {
  /** milliseconds since the epoch, by this machine's clock */
  wall(): number;
  /** milliseconds, only good for differences: nobody sets it */
  monotonic(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * The time that all nodes agree on, whatever their own clocks say: that of what they
 * share, when it was last asked, and what has passed since. Before the first answer it
 * is the machine's own.
 */
export class SharedClock {
  private offsetMs: number;

  /** @param readTime milliseconds since the epoch, as all nodes would read it */
  constructor(
    private readonly readTime: () => Promise<number>,
    private readonly clocks: LocalClocks,
  ) {
    this.offsetMs = clocks.wall() - clocks.monotonic();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Math.round(this.offsetMs + this.clocks.monotonic());
  }

  /** @throws what `readTime` does: the time goes on as it was known */
  async synchronize(): Promise<void> {
    const monotonic = (): number => this.clocks.monotonic();
    const askedAt = monotonic();
    const time = await this.readTime();
    const answeredAt = monotonic();
    if (answeredAt - askedAt <= LONGEST_ANSWER_MS) {
      this.offsetMs = time - (askedAt + answeredAt) / 2;
    }
  }

  /**
   * Synchronizes now and from then on.
   *
   * @returns after the first time, or when that takes too long
   */
  async start(failed: (error: unknown) => void): Promise<void> {
    const attempt = (): Promise<void> => this.synchronize().catch(failed);
    setInterval(() => void attempt(), INTERVAL_MS).unref();
    await Promise.race([attempt(), this.clocks.sleep(LONGEST_ANSWER_MS)]);
  }
}
