export interface LimitBounds {
  readonly min: number;
  readonly max: number;
}

/** Enough for any engine to begin with; the limit soon finds its own place. */
const INITIAL = 16;
/** A call may take so many times as long as usual before the limit goes down. */
const TOLERANCE = 2;
/** How much a single call weighs. */
const SMOOTHING = 0.2;

/**
 * How many calls to the engine may be under way in a lane.
 *
 * It follows how long calls take: while they take no longer than usual it grows,
 * and where they do, they queue in the engine, and it shrinks. When the engine
 * rejects a call for too much load (429) it is halved.
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

  /** To be noted when a call starts, for `rejected`. */
  get epoch(): number {
    return this.halvings;
  }

  /**
   * A call was answered.
   *
   * @param slowdown how long it took, divided by what is usual
   * @param inflight how many calls were under way with it, itself included
   */
  answered(slowdown: number, inflight: number): void {
    if (inflight < this.allowed / 2) {
      // the limit was not what held calls back, so that nothing is known of it
      return;
    }
    const gradient = Math.min(1, Math.max(0.5, TOLERANCE / slowdown));
    const wanted = this.allowed * gradient + Math.sqrt(this.allowed);
    this.allowed = this.clamp(
      this.allowed * (1 - SMOOTHING) + wanted * SMOOTHING,
    );
  }

  /**
   * The engine rejected a call. Calls that were under way together tell of one and
   * the same jam, which counts once.
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
