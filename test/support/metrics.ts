import { Metrics, type LimiterState } from "../../lib/observability/Metrics";

/** The plugin's counters, as the plugin makes them. */
export function newMetrics(
  limiter: LimiterState = { inflight: 0, limit: 8 },
  epoch = () => Date.now(),
): Metrics {
  const metrics = new Metrics(epoch);
  metrics.watchLimiter(limiter);
  return metrics;
}
