/** What the engine's versions of a document tell. */
import type { JournalEntry, JournalVersion } from "../ports/JournalStore";

export function isVersion(
  now: JournalVersion,
  version: JournalVersion,
): boolean {
  return now.seqNo === version.seqNo && now.primaryTerm === version.primaryTerm;
}

/**
 * Whether a document that was deleted has come back without anything between: each
 * write makes one more version, a deletion and a creation two. When the engine has
 * forgotten the deletion, which it does after `index.gc_deletes` or when a shard moves,
 * it counts from 1 again, and nobody can tell.
 *
 * @param version in which it has come back
 */
export function isBackAtOnce(
  { versionBefore = 0 }: JournalEntry,
  version: number,
): boolean {
  return version === versionBefore + 2 || version === 1;
}
