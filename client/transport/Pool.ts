/**
 * Runs jobs side by side, in the order in which they come, and stops with the first
 * that fails. Two jobs that share a key never run at the same time: the later one,
 * and all behind it, wait.
 */
export class Pool<Job> {
  private readonly running = new Map<Promise<void>, ReadonlySet<string>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly concurrency: number,
    private readonly keysOf: (job: Job) => ReadonlySet<string>,
    private readonly run: (job: Job) => Promise<void>,
    /** called with what the first job has failed with, as soon as it has */
    private readonly onFailure?: (error: unknown) => void,
  ) {}

  /** Resolves when the job has begun. @throws what a job before it has failed with */
  async submit(job: Job): Promise<void> {
    const keys = this.keysOf(job);
    while (
      this.failure === undefined &&
      (this.running.size >= this.concurrency || this.collides(keys))
    ) {
      await Promise.race(this.running.keys());
    }
    this.assertSound();
    const work = this.run(job)
      .catch((error: unknown) => {
        if (this.failure !== undefined) return;
        this.failure = { error };
        this.onFailure?.(error);
      })
      .finally(() => this.running.delete(work));
    this.running.set(work, keys);
  }

  /** Resolves when every job has ended. @throws what the first has failed with */
  async drain(): Promise<void> {
    await this.ended();
    this.assertSound();
  }

  /** Resolves when every job has ended, well or not. */
  async ended(): Promise<void> {
    await Promise.all(this.running.keys());
  }

  private assertSound(): void {
    if (this.failure !== undefined) {
      throw this.failure.error;
    }
  }

  private collides(keys: ReadonlySet<string>): boolean {
    for (const others of this.running.values()) {
      for (const key of keys) {
        if (others.has(key)) return true;
      }
    }
    return false;
  }
}
