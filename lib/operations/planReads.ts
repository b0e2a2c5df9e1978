import type { Address } from "../types";

/** A call with fewer documents costs more than it gains by running beside others. */
const SMALLEST_CALL = 100;
/** From so many look-ups on, a collection gets calls of its own. */
const OWN_CALL = 50;
const CALLS_AT_ONCE = 4;

/**
 * Cuts look-ups into calls.
 *
 * The engine works a multi-get shard by shard, each on one thread: so a long one
 * is cut into some that run side by side. A call of one collection names it once
 * and not for each document, which the engine answers in half the time.
 *
 * @returns positions in `addresses`, one list per call; the earlier ones are in
 *   the earlier calls, as far as their collections allow
 */
export function planReads(
  addresses: readonly Address[],
  positions: readonly number[],
  maxCount: number,
): number[][] {
  const groups = byCollection(addresses, positions);
  const own = [...groups.values()].filter(({ length }) => length >= OWN_CALL);
  const rest =
    own.length === groups.size
      ? []
      : positions.filter(
          (position) =>
            (groups.get(collectionAt(position)) ?? []).length < OWN_CALL,
        );
  const calls = [...own, rest].flatMap((group) => cut(group, maxCount));
  return calls.sort(([one = 0], [other = 0]) => one - other);

  function collectionAt(position: number): string {
    return (addresses[position] as Address).collection;
  }
}

function byCollection(
  addresses: readonly Address[],
  positions: readonly number[],
): Map<string, number[]> {
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
  return groups;
}

/** Into parts of about one size. */
function cut(positions: readonly number[], maxCount: number): number[][] {
  const wanted = Math.ceil(positions.length / CALLS_AT_ONCE);
  const size = Math.min(maxCount, Math.max(SMALLEST_CALL, wanted));
  const parts: number[][] = [];
  for (let at = 0; at < positions.length; at += size) {
    parts.push(positions.slice(at, at + size));
  }
  return parts;
}
