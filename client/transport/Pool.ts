/**
 * Runs jobs concurrently, starts them in order, and stops at the first failure. Two
 * jobs that share a key never run at the same time: the later one waits, and so do all
 * jobs after it.
 */
export class Pool<Job> {
  private readonly running = new Map<Promise<void>, ReadonlySet<string>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly concurrency: number,
    private readonly keysOf: (job: Job) => ReadonlySet<string>,
    private readonly run: (job: Job) => Promise<void>,
    /** called as soon as the first job fails */
    private readonly onFailure?: (error: unknown) => void,
  ) {}

  /** Resolves when the job has started. @throws the first error of an earlier job */
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

  /** Resolves when every job has ended. @throws the first error */
  async drain(): Promise<void> {
    await this.ended();
    this.assertSound();
  }

  /** Resolves when every job has ended, whether it succeeded or failed. */
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
