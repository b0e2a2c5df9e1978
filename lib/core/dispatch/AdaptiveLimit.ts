export interface LimitBounds {
  readonly min: number;
  readonly max: number;
}

/** Enough for any engine at the start; the limit soon adapts. */
const INITIAL = 16;
/** How many times as long as usual a call may take before the limit goes down. */
const TOLERANCE = 2;
/** The weight of a single call. */
const SMOOTHING = 0.2;

/**
 * How many calls to the engine may be under way in a lane.
 *
 * The limit follows the duration of calls: it grows while they take no longer than
 * usual, and shrinks when they take longer, since they then queue in the engine. When
 * the engine rejects a call because of overload (429), the limit is halved.
 *
 * Source: Gradient2Limit of Netflix's concurrency-limits; the halving is RFC 5681,
 * section 3.1.
 */
export class AdaptiveLimit {
  private allowed: number;
  private halvings = 0;

  constructor(private readonly bounds: LimitBounds) {
    this.allowed = this.clamp(INITIAL);
  }

  get value(): number {
    return Math.floor(this.allowed);
  }

  /** Must be read when a call starts, for `rejected`. */
  get epoch(): number {
    return this.halvings;
  }

  /**
   * Records a call that was answered.
   *
   * @param slowdown its duration, divided by the usual one
   * @param inflight how many calls were under way, itself included
   */
  answered(slowdown: number, inflight: number): void {
    if (inflight < this.allowed / 2) {
      // the limit did not hold calls back, so their duration says nothing about it
      return;
    }
    const gradient = Math.min(1, Math.max(0.5, TOLERANCE / slowdown));
    const wanted = this.allowed * gradient + Math.sqrt(this.allowed);
    this.allowed = this.clamp(
      this.allowed * (1 - SMOOTHING) + wanted * SMOOTHING,
    );
  }

  /**
   * Records a call that the engine rejected. Rejections of calls that were under way
   * together have the same cause and count once.
   *
   * @param epoch as it was when the call started
   */
  rejected(epoch: number): void {
    if (epoch === this.halvings) {
      this.halvings++;
      this.allowed = this.clamp(Math.floor(this.allowed / 2));
    }
  }

  private clamp(limit: number): number {
    return Math.min(this.bounds.max, Math.max(this.bounds.min, limit));
  }
}
