import _ from "lodash";

import type { Address } from "../../types";
import type { GetCommand, RequestedDocument } from "../commands";
import { groupBy } from "../groupBy";

/** What is read, and which reads belong to which requested document. */
export interface ReadPlan {
  /** each address once */
  readonly addresses: readonly Address[];
  /** in the order of the request, each once */
  readonly documents: readonly PlannedDocument[];
  /** a read may serve several requested documents */
  readonly isShared: boolean;
  readonly duplicates: number;
}

export interface PlannedDocument {
  readonly asked: RequestedDocument;
  /** positions in `addresses` */
  readonly reads: readonly number[];
}

export function planReads({
  asked,
  collections,
}: Pick<GetCommand, "asked" | "collections">): ReadPlan {
  const addresses: Address[] = [];
  const readOf = new Map<string, number>();
  const documents: PlannedDocument[] = [];
  const seen = new Map<string | undefined, Set<string>>();
  // otherwise each address is requested once, and no search for duplicates is needed
  const isShared =
    asked.some(({ collection }) => collection === undefined) &&
    asked.some(({ collection }) => collection !== undefined);
  let duplicates = 0;

  function planRead(collection: string, _id: string): number {
    if (!isShared) {
      return addresses.push({ collection, _id }) - 1;
    }
    const key = addressKey(collection, _id);
    const known = readOf.get(key);
    if (known !== undefined) {
      return known;
    }
    readOf.set(key, addresses.length);
    return addresses.push({ collection, _id }) - 1;
  }

  function idsIn(collection: string | undefined): Set<string> {
    let ids = seen.get(collection);
    if (ids === undefined) {
      ids = new Set();
      seen.set(collection, ids);
    }
    return ids;
  }

  for (const document of asked) {
    const { collection, _id } = document;
    const ids = idsIn(collection);
    if (ids.has(_id)) {
      duplicates++;
      continue;
    }
    ids.add(_id);
    const where = collection === undefined ? collections : [collection];
    documents.push({
      asked: document,
      reads: where.map((each) => planRead(each, _id)),
    });
  }
  return { addresses, documents, isShared, duplicates };
}

/** Unambiguous, since no collection name contains a NUL. */
function addressKey(collection: string, _id: string): string {
  return `${collection}\0${_id}`;
}

// ---------------------------------------------------------------- calls

/** A call with fewer documents costs more than its parallelism saves. */
const SMALLEST_CALL = 100;
/** Each call also costs time on this node, so more of them save nothing. */
const CALLS_AT_LEAST = 2;

/**
 * Splits reads into calls.
 *
 * The engine processes a multi-get shard by shard, each on one thread, so a long one is
 * split into several that run in parallel. A call for one collection names it once
 * instead of for each document, and the engine answers it in half the time, so a
 * collection with enough reads gets its own calls.
 *
 * @returns positions in `addresses`, one list per call, ordered by their first
 * positions
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
  const rest = _.flatten(few);

  return [...own, rest.sort((one, other) => one - other)]
    .flatMap((group) => _.chunk(group, size))
    .sort(([one = 0], [other = 0]) => one - other);
}
