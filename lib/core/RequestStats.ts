/** What one request has cost so far; the parts of `stats` that add up. */
export interface RequestStats {
  conflicts: number;
  retries: number;
  /** the retries caused by a version conflict */
  conflictRetries: number;
  engineCalls: number;
  engineTookMs: number;
  queueMs: number;
}

export function newRequestStats(): RequestStats {
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
export function roundRequestStats(
  requestStats: RequestStats,
): Omit<RequestStats, "conflictRetries"> {
  return {
    conflicts: requestStats.conflicts,
    retries: requestStats.retries,
    engineCalls: requestStats.engineCalls,
    engineTookMs: Math.round(requestStats.engineTookMs),
    queueMs: Math.round(requestStats.queueMs),
  };
}
