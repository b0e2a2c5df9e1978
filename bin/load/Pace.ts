import { SYSTEM_CLOCK, type Clock } from "../../client/transport/clock";

/** Lets so many documents pass in a second, and no more. */
export class Pace {
  private freeAt = -Infinity;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /** Waits until those before have had their time; the signal ends the waiting. */
  async take(documents: number, signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const startAt = Math.max(now, this.freeAt);
    this.freeAt = startAt + (documents / this.perSecond) * 1_000;
    if (startAt > now) await this.clock.sleep(startAt - now, signal);
  }
}
