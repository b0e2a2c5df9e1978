import _ from "lodash";

import type { Address } from "../../types";

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
  const groups = byCollection(addresses, positions);
  const [own, few] = _.partition(groups, ({ length }) => length >= size / 2);
  const rest = few.flat();

  return [...own, rest.sort((one, other) => one - other)]
    .flatMap((group) => cut(group, size))
    .sort(([one = 0], [other = 0]) => one - other);
}

function byCollection(
  addresses: readonly Address[],
  positions: readonly number[],
): number[][] {
  const groups = new Map<string, number[]>();
  for (const position of positions) {
    const { collection } = addresses[position] as Address;
    const group = groups.get(collection);
    if (group === undefined) {
      groups.set(collection, [position]);
    } else {
      group.push(position);
    }
  }
  return [...groups.values()];
}

function cut(positions: readonly number[], size: number): number[][] {
  const parts: number[][] = [];
  for (let at = 0; at < positions.length; at += size) {
    parts.push(positions.slice(at, at + size));
  }
  return parts;
}
