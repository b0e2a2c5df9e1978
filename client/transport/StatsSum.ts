import type { Stats } from "../../lib/types";
import type { CallStats } from "../types";

type Counter = Exclude<keyof CallStats, "replayed">;

/** Sums the stats of a call's requests. */
export class StatsSum {
  private readonly sums = new Map<Counter, number>();
  private requests = 0;
  private isReplayed = false;

  add({ replayed, ...counters }: Stats): void {
    this.requests += 1;
    this.isReplayed ||= replayed === true;
    for (const [name, value] of Object.entries(counters)) {
      const known = this.sums.get(name as Counter) ?? 0;
      this.sums.set(name as Counter, known + value);
    }
  }

  /** @param counts counts that the client knows better than the sum of the responses */
  total(counts: Partial<CallStats>): CallStats {
    return {
      requested: 0,
      unique: 0,
      duplicates: 0,
      errors: 0,
      conflicts: 0,
      retries: 0,
      engineCalls: 0,
      engineTookMs: 0,
      queueMs: 0,
      tookMs: 0,
      ...Object.fromEntries(this.sums),
      ...counts,
      requests: this.requests,
      ...(this.isReplayed && { replayed: true }),
    };
  }
}
