/** Conclusions from the engine's versions of a document. */
import type { JournalEntry, JournalVersion } from "../ports/JournalStore";

export function isVersion(
  now: JournalVersion,
  version: JournalVersion,
): boolean {
  return now.seqNo === version.seqNo && now.primaryTerm === version.primaryTerm;
}

/**
 * Whether a deleted document has been recreated with no write in between: each write
 * adds one to the version, so a deletion and a creation add two. Once the engine has
 * forgotten the deletion, after `index.gc_deletes` or when a shard moves, it counts
 * from 1 again, and the difference can't be seen.
 *
 * @param version the version of the recreated document
 */
export function isBackAtOnce(
  { versionBefore = 0 }: JournalEntry,
  version: number,
): boolean {
  return version === versionBefore + 2 || version === 1;
}
