import {
  CLOCK_SKEW_MS,
  isAfter,
  isFinal,
  isFinished,
  type Journal,
  type JournalEntry,
  type Rival,
  type Writer,
} from "../ports/JournalStore";

/**
 * How another batch affects one whose documents hold bytes of doubtful origin: one
 * rival for each of the hashes that it was to write or has found.
 *
 * A batch decided before the batch of `journal` began matters only if its bulk may
 * still be in flight; otherwise that batch has seen its result.
 *
 * @param other as stored, or at least the properties that this function reads
 */
export function rivalsIn(
  other: Journal,
  journal: Pick<Journal, "id" | "createdAt" | "journaledAt" | "collections">,
  hashes: ReadonlySet<string>,
): Rival[] {
  const isPast =
    isFinished(other) &&
    Number(other.decidedAt) < journal.createdAt - CLOCK_SKEW_MS;
  if (other.id === journal.id || isPast) {
    return [];
  }
  const restoring = restoringKind(other, journal);
  return other.entries.flatMap((entry): Rival[] => {
    const { collection, intendedHash, beforeHash } = entry;
    if (uuidOf(other, collection) !== uuidOf(journal, collection)) {
      // the collection of one of them has been deleted since
      return [];
    }
    const rivals: Rival[] = hashes.has(intendedHash)
      ? [toWriter(entry, other)]
      : [];
    return restoring !== undefined && hashes.has(beforeHash)
      ? [...rivals, { kind: restoring, hash: beforeHash }]
      : rivals;
  });
}

function uuidOf(
  { collections }: Pick<Journal, "collections">,
  collection: string,
): string | undefined {
  return collections.find(({ name }) => name === collection)?.uuid;
}

function toWriter(
  { intendedHash, before, beforeHash }: JournalEntry,
  { state }: Journal,
): Writer {
  return {
    kind: "writer",
    hash: intendedHash,
    // a search leaves out null values
    before: before ?? null,
    rewrites: beforeHash === intendedHash,
    decision:
      state === "pending" || state === "committed" ? state : "rolled back",
  };
}

/** Whether the other batch may restore, or may have restored, what it found. */
function restoringKind(
  other: Journal,
  journal: Pick<Journal, "id" | "journaledAt">,
): "keeper" | "restorer" | undefined {
  if (isAfter(other, journal)) {
    return isFinal(other) ? undefined : "keeper";
  }
  return other.state === "pending" || other.state === "committed"
    ? undefined
    : "restorer";
}
