/** What a request cost. Counts are documents unless stated otherwise. @public */
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
  /** calls to the engine with documents of this request, retries included */
  engineCalls: number;
  /** sum over the calls, which may have run in parallel, in milliseconds */
  engineTookMs: number;
  /** sum of the time that its parts of calls spent in a queue, in milliseconds */
  queueMs: number;
  tookMs: number;
  /** the response repeats the first one given for this idempotency key */
  replayed?: true;
}
