/** So fast the usual follows a call that took less, and one that took more. */
const DOWN = 0.3;
const UP = 0.05;

/**
 * How long calls usually take, in milliseconds. Calls of about the same size are
 * compared with each other. It follows the fast ones, so that a collection on slow
 * storage does not make the others look fast.
 */
export class UsualDurations {
  private readonly bySize = new Map<number, number>();

  /** @returns undefined where no call of about this size has come back yet */
  of(size: number): number | undefined {
    return this.bySize.get(bucketOf(size));
  }

  learn(size: number, ms: number): void {
    const bucket = bucketOf(size);
    const usual = this.bySize.get(bucket);
    if (usual === undefined) {
      this.bySize.set(bucket, ms);
    } else if (ms < usual) {
      this.bySize.set(bucket, usual + DOWN * (ms - usual));
    } else {
      const bounded = Math.min(ms, 2 * usual + 1);
      this.bySize.set(bucket, usual + UP * (bounded - usual));
    }
  }
}

/** Sizes up to the same power of two. */
function bucketOf(size: number): number {
  return 32 - Math.clz32(size);
}
