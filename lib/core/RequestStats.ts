/** What one request cost so far; the pieces of `stats` that add up. */
export interface Tally {
  conflicts: number;
  retries: number;
  /** those of the retries that were for a version conflict */
  conflictRetries: number;
  engineCalls: number;
  engineTookMs: number;
  queueMs: number;
}

export function newTally(): Tally {
  return {
    conflicts: 0,
    retries: 0,
    conflictRetries: 0,
    engineCalls: 0,
    engineTookMs: 0,
    queueMs: 0,
  };
}

/** The part of it that callers see, in whole numbers. */
export function roundTally(tally: Tally): Omit<Tally, "conflictRetries"> {
  return {
    conflicts: tally.conflicts,
    retries: tally.retries,
    engineCalls: tally.engineCalls,
    engineTookMs: Math.round(tally.engineTookMs),
    queueMs: Math.round(tally.queueMs),
  };
}
