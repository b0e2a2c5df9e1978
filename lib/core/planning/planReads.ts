import _ from "lodash";

import type { Address } from "../../types";
import type { GetCommand, RequestedDocument } from "../commands";
import { groupBy } from "../groupBy";

/** What is to be read, and which reads belong to which requested document. */
export interface ReadPlan {
  /** every address once */
  readonly addresses: readonly Address[];
  /** in the request's order, each once */
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
  // else each address is requested once, and need not be searched for
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

/** No collection name holds a NUL. */
function addressKey(collection: string, _id: string): string {
  return `${collection}\0${_id}`;
}

// ---------------------------------------------------------------- calls

/** A call with fewer documents costs more than it gains by running in parallel. */
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
  const rest = _.flatten(few);

  return [...own, rest.sort((one, other) => one - other)]
    .flatMap((group) => _.chunk(group, size))
    .sort(([one = 0], [other = 0]) => one - other);
}
