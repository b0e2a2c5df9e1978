import { Metrics, type LaneState } from "../../lib/observability/Metrics";

/** The plugin's counters, as the plugin creates them. */
export function newMetrics(
  lane: LaneState = { inflight: 0, limit: 8 },
  epoch = () => Date.now(),
): Metrics {
  const metrics = new Metrics(epoch);
  metrics.watchLanes({ read: lane });
  return metrics;
}
