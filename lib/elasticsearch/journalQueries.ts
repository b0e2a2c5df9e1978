import { CLOCK_SKEW_MS, type Journal } from "../core/ports/JournalStore";

export const NOT_FINAL = { terms: { state: ["pending", "rolling_back"] } };
export const HAS_RECHECK = { exists: { field: "recheck" } };
export const UNFINISHED = anyOf(NOT_FINAL, HAS_RECHECK);

/** What is needed of an unfinished batch to keep the journals of its rivals. */
export type Unfinished = Pick<Journal, "index" | "createdAt">;

/** The fields of a journal that `rivalsIn` reads. */
export const RIVAL_FIELDS = [
  "state",
  "journaledAt",
  "decidedAt",
  "recheck",
  "collections",
  "entries.collection",
  "entries.intendedHash",
  "entries.beforeHash",
  "entries.before.seqNo",
  "entries.before.primaryTerm",
] as const;

/** Finds journals of other batches that may be rivals; `rivalsIn` decides which are. */
export function rivalsQuery(
  { id, index, createdAt }: Journal,
  hashes: readonly string[],
): object {
  return {
    bool: {
      filter: [
        { term: { index } },
        anyOf(UNFINISHED, decidedSince(createdAt)),
        anyOf(
          { terms: { "entries.intendedHash": hashes } },
          { terms: { "entries.beforeHash": hashes } },
        ),
      ],
      must_not: [{ ids: { values: [id] } }],
    },
  };
}

/**
 * @param except ids of journals
 * @param filter additional conditions
 */
export function dueQuery(
  now: number,
  except: readonly string[],
  filter: readonly object[],
  mustNot: readonly object[],
): object {
  return {
    bool: {
      filter: [...filter, isDue(now)],
      must_not: [...mustNot, { ids: { values: except } }],
    },
  };
}

/** Finds finished journals, except those that an unfinished batch may still need. */
export function removableQuery(
  now: number,
  unfinished: readonly Unfinished[],
): object {
  return {
    bool: {
      filter: [isDue(now)],
      must_not: [
        UNFINISHED,
        ...unfinished.map(({ index, createdAt }) => ({
          bool: { filter: [{ term: { index } }, decidedSince(createdAt)] },
        })),
      ],
    },
  };
}

function decidedSince(createdAt: number): object {
  return { range: { decidedAt: { gte: createdAt - CLOCK_SKEW_MS } } };
}

function isDue(now: number): object {
  return { range: { dueAt: { lte: now } } };
}

function anyOf(...should: object[]): object {
  return { bool: { should, minimum_should_match: 1 } };
}
