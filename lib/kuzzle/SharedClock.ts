/** A response that took longer says too little about when Redis read its clock. */
const LONGEST_ANSWER_MS = 1_000;
const INTERVAL_MS = 60_000;

export interface LocalClocks {
  /** milliseconds since the epoch, by this machine's clock */
  wall(): number;
  /** milliseconds; only for measuring differences, since nobody sets this clock */
  monotonic(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * The time that all nodes agree on, whatever their own clocks say: the last time read
 * from the shared source, plus the time elapsed since. Before the first response it is
 * the machine's own time.
 */
export class SharedClock {
  private offsetMs: number;

  /**
   * @param readTime milliseconds since the epoch, from a source that all nodes share
   */
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

  /** @throws what `readTime` throws; the time then continues from the last one known */
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
   * Synchronizes at once and then at regular intervals.
   *
   * @returns after the first attempt, or when it takes too long
   */
  async start(failed: (error: unknown) => void): Promise<void> {
    const attempt = (): Promise<void> => this.synchronize().catch(failed);
    setInterval(() => void attempt(), INTERVAL_MS).unref();
    await Promise.race([attempt(), this.clocks.sleep(LONGEST_ANSWER_MS)]);
  }
}
