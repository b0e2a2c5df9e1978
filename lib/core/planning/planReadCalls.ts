import _ from "lodash";

import type { Address } from "../../types";
import { groupBy } from "../groupBy";

/** A call with fewer documents costs more than it gains by running beside others. */
const SMALLEST_CALL = 100;
/** Each call costs the node time too, so that more of them gain nothing. */
const CALLS_AT_LEAST = 2;

/**
 * Splits reads into calls.
 *
 * The engine works a multi-get shard by shard, each on one thread: so a long one
 * is cut into some that run side by side. A call of one collection names it once
 * and not for each document, which the engine answers in half the time: so a
 * collection with enough reads gets calls of its own.
 *
 * @returns positions in `addresses`, one list per call, ordered by what they begin
 *   with
 */
export function planReadCalls(
  addresses: readonly Address[],
  positions: readonly number[],
  maxCount: number,
): number[][] {
  const wanted = Math.ceil(positions.length / CALLS_AT_LEAST);
  const size = Math.min(maxCount, Math.max(SMALLEST_CALL, wanted));
  const groups = groupBy(
    positions,
    (position) => (addresses[position] as Address).collection,
  );
  const [own, few] = _.partition(
    [...groups.values()],
    ({ length }) => length >= size / 2,
  );
  const rest = few.flat();

  return [...own, rest.sort((one, other) => one - other)]
    .flatMap((group) => _.chunk(group, size))
    .sort(([one = 0], [other = 0]) => one - other);
}
