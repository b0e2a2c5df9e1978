import _ from "lodash";

/**
 * The weights with which a faster call lowers the usual duration, and a slower one
 * raises it.
 */
const DOWN = 0.3;
const UP = 0.05;

/**
 * Upper bound of a scaled duration, in milliseconds: one call for many documents takes
 * less time than as many calls, and a slow call must not look usual.
 */
const MAX_GUESS_MS = 200;

/**
 * How long calls usually take, in milliseconds. Only calls of about the same size are
 * compared. The value follows the fast calls, so that a collection on slow storage does
 * not make the others look fast.
 */
export class UsualDurations {
  private readonly bySize = new Map<number, number>();

  /**
   * The usual duration of calls of about this size. If it is unknown, that of smaller
   * calls is scaled up, or else that of larger ones is used: fewer documents do not
   * take longer.
   *
   * @returns undefined while nothing is known
   */
  of(size: number): number | undefined {
    const bucket = bucketOf(size);
    const own = this.bySize.get(bucket);
    if (own !== undefined) {
      return own;
    }
    const known = [...this.bySize.keys()];
    const below = _.max(known.filter((each) => each < bucket));
    if (below !== undefined) {
      const smaller = this.bySize.get(below) as number;
      const scaled = smaller * 2 ** (bucket - below);
      return Math.max(smaller, Math.min(scaled, MAX_GUESS_MS));
    }
    const above = _.min(known);
    return above === undefined ? undefined : this.bySize.get(above);
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

/** Groups sizes by powers of two. */
function bucketOf(size: number): number {
  return 32 - Math.clz32(size);
}
