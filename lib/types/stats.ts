/** What a request cost. Counts are documents unless named otherwise. @public */
export interface Stats {
  requested: number;
  unique: number;
  duplicates: number;
  notFound?: number;
  found?: number;
  written?: number;
  updated?: number;
  errors: number;
  conflicts: number;
  retries: number;
  /** calls to the engine that it took part in, those sent again included */
  engineCalls: number;
  /** sum over the calls, which may have run side by side, in milliseconds */
  engineTookMs: number;
  /** sum of what its parts of calls waited to be sent, in milliseconds */
  queueMs: number;
  tookMs: number;
  /** it is the first answer to an idempotency key, again */
  replayed?: true;
}
