/**
 * How many calls to the engine one node has under way, and who comes next.
 *
 * The limit is halved when the engine says that it has too much to do (429)
 * and grows by about one for each round of calls that it takes (additive
 * increase, multiplicative decrease, RFC 5681 section 3.1).
 */
export class ConcurrencyLimiter {
  private allowed: number;
  private running = 0;
  private halvings = 0;
  private readonly waiting: Array<() => void> = [];

  constructor(
    private readonly minimum: number,
    private readonly maximum: number,
  ) {
    this.allowed = maximum;
  }

  get limit(): number {
    return Math.floor(this.allowed);
  }

  get inflight(): number {
    return this.running;
  }

  /**
   * Runs `task` when there is a place, first come first served.
   *
   * @param task says with its answer whether the engine refused load
   */
  async run<T>(
    task: () => Promise<T>,
    wasRejected: (answer: T) => boolean,
  ): Promise<T> {
    await this.enter();
    const halvingsBefore = this.halvings;
    try {
      const answer = await task();
      if (!wasRejected(answer)) {
        this.grow();
      } else if (this.halvings === halvingsBefore) {
        // calls that were under way together tell of one and the same jam
        this.halve();
      }
      return answer;
    } finally {
      this.leave();
    }
  }

  private enter(): Promise<void> | void {
    if (this.running < this.limit) {
      this.running++;
      return;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private leave(): void {
    this.running--;
    while (this.running < this.limit) {
      const next = this.waiting.shift();
      if (next === undefined) {
        return;
      }
      this.running++;
      next();
    }
  }

  private grow(): void {
    this.allowed = Math.min(this.maximum, this.allowed + 1 / this.allowed);
  }

  private halve(): void {
    this.halvings++;
    this.allowed = Math.max(this.minimum, Math.floor(this.allowed / 2));
  }
}
