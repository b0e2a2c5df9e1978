/** What one request cost so far; the pieces of `stats` that add up. */
export interface Tally {
  conflicts: number;
  retries: number;
  engineCalls: number;
  engineTookMs: number;
  queueMs: number;
}

export function newTally(): Tally {
  return {
    conflicts: 0,
    retries: 0,
    engineCalls: 0,
    engineTookMs: 0,
    queueMs: 0,
  };
}

/** Whole numbers, as the contract wants them. */
export function roundTally(tally: Tally): Tally {
  return {
    conflicts: tally.conflicts,
    retries: tally.retries,
    engineCalls: tally.engineCalls,
    engineTookMs: Math.round(tally.engineTookMs),
    queueMs: Math.round(tally.queueMs),
  };
}
