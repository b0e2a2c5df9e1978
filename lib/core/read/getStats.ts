import type { Stats } from "../../types";
import type { GetCommand } from "../commands";
import type { ReadPlan } from "../planning/planReads";
import { roundRequestStats, type RequestStats } from "../RequestStats";

/** How many entries each list of an answer has. */
export interface GetCounts {
  found: number;
  notFound: number;
  errors: number;
}

export function getStats(
  { requested }: GetCommand,
  { duplicates }: ReadPlan,
  counts: GetCounts,
  requestStats: RequestStats,
  tookMs: number,
): Stats {
  return {
    requested,
    unique: requested - duplicates,
    duplicates,
    ...counts,
    ...roundRequestStats(requestStats),
    tookMs: Math.round(tookMs),
  };
}
