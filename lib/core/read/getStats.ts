import type { GetCommand, Stats } from "../../types";
import type { LookupPlan } from "../planning/planLookups";
import { roundTally, type Tally } from "../RequestStats";

/** How many entries each list of an answer has. */
export interface GetCounts {
  found: number;
  notFound: number;
  errors: number;
}

export function getStats(
  { requested }: GetCommand,
  { duplicates }: LookupPlan,
  counts: GetCounts,
  tally: Tally,
  tookMs: number,
): Stats {
  return {
    requested,
    unique: requested - duplicates,
    duplicates,
    ...counts,
    ...roundTally(tally),
    tookMs: Math.round(tookMs),
  };
}
