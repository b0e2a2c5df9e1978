import { SYSTEM_CLOCK, type Clock } from "../../client/transport/clock";

/** Limits the number of documents per second. */
export class Pace {
  private freeAt = -Infinity;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /** Waits for the time of the documents before; the signal ends the waiting. */
  async take(documents: number, signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const startAt = Math.max(now, this.freeAt);
    this.freeAt = startAt + (documents / this.perSecond) * 1_000;
    if (startAt > now) await this.clock.sleep(startAt - now, signal);
  }
}
