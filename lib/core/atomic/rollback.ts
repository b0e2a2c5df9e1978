import {
  addressKey,
  isFinished,
  type Journal,
  type JournalEntry,
  type Rival,
} from "../ports/JournalStore";
import type { Failure } from "../../types";
import type { RequestStats } from "../RequestStats";
import { groupBy } from "../groupBy";
import { retryAfterRejection } from "../retry/retryAfterRejection";
import { pinnedTo, POLL_MS, type AtomicContext } from "./AtomicContext";
import {
  decideRollback,
  dependsOnRivals,
  type PresentDocument,
  type RollbackDecision,
} from "./decideRollback";
import { readPresent, RollbackInterrupted } from "./presentDocuments";
import { restoreDocuments, type Decided } from "./restoreDocuments";
import { isVersion } from "./versions";
import type { WriteStatuses } from "./writeStatus";

/** Each round rereads what was modified concurrently in the previous one. */
const MAX_ROUNDS = 10;

/** What a rollback left and what it restored, as keys of documents. */
export interface RollbackResult {
  /** could not be restored: somebody else has modified them */
  readonly modified: readonly string[];
  /**
   * those of `modified` that hold what the batch was to write, or that are deleted as
   * it was to delete them, with no proof of who did it
   */
  readonly ambiguous: readonly string[];
  /** the bulk may still write them if it is in flight */
  readonly recheck: readonly string[];
  /** written by the batch, and restored here */
  readonly restored: readonly string[];
}

/**
 * Restores what a batch has written, each document on condition of the version just
 * read, so that another writer's change is never overwritten. Several nodes may do this
 * at once, and it may be repeated after an interruption.
 *
 * Nothing can be restored in a collection that has been deleted since, and a later
 * collection of the same name is not touched.
 *
 * @param entries the entries of the journal to examine
 * @throws {RollbackInterrupted}
 * @throws {EngineError}
 */
export async function rollBack(
  journal: Journal,
  entries: readonly JournalEntry[],
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<RollbackResult> {
  const own = pinnedTo(journal.collections, tools);
  const modified: string[] = [];
  const ambiguous: string[] = [];
  const recheck: string[] = [];
  const restored: string[] = [];
  const deadline = tools.epoch() + tools.times.taskWaitMs;
  let open = entries;
  let rounds = 0;

  while (open.length > 0) {
    const decided = await decideAll(journal, open, statuses, own, requestStats);
    modified.push(...keysOf(entriesOf(decided, "modified")));
    ambiguous.push(...keysOf(entriesOf(decided, "ambiguous")));
    recheck.push(...keysOf(entriesOf(decided, "in_flight")));

    const done = await restoreDocuments(journal, decided, own, requestStats);
    restored.push(...keysOf(done.restored));
    modified.push(...keysOf(done.rejected));
    ambiguous.push(...keysOf(done.deleted));
    if (done.again.length > 0 && ++rounds === MAX_ROUNDS) {
      throw new RollbackInterrupted("others keep writing the same documents");
    }
    const waiting = entriesOf(decided, "wait");
    if (waiting.length > 0) {
      if (tools.epoch() >= deadline) {
        throw new RollbackInterrupted("another batch is not finished yet");
      }
      await tools.execution.clock.sleep(POLL_MS);
    }
    open = [...done.again, ...waiting];
  }
  return {
    modified: [...modified, ...ambiguous],
    ambiguous,
    recheck,
    restored,
  };
}

function entriesOf(
  decided: readonly Decided[],
  kind: RollbackDecision["kind"],
): JournalEntry[] {
  return decided
    .filter(({ decision }) => decision.kind === kind)
    .map(({ entry }) => entry);
}

function keysOf(entries: readonly JournalEntry[]): string[] {
  return entries.map(addressKey);
}

/** Decisions that leave a document as it is for a reason other than its version. */
const LEFT: ReadonlySet<RollbackDecision["kind"]> = new Set([
  "modified",
  "ambiguous",
  "unchanged",
]);

async function decideAll(
  journal: Journal,
  open: readonly JournalEntry[],
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<Decided[]> {
  const present = await readEntries(journal, open, tools, requestStats);
  const statusOf = (entry: JournalEntry) => statuses.get(addressKey(entry));
  const dependent = open.filter((entry, i) =>
    dependsOnRivals(
      entry,
      present[i] as PresentDocument | null,
      statusOf(entry),
    ),
  );
  const rivals = await findRivals(journal, dependent, tools);
  const isComplete =
    dependent.length === 0 || (await isUnfinished(journal, tools));
  const decided = open.map((entry, i) => ({
    entry,
    decision: decideRollback(
      entry,
      present[i] as PresentDocument | null,
      statusOf(entry),
      { rivals: rivals.get(entry.intendedHash) ?? [], isComplete },
    ),
  }));

  // a rival that has finished in the meantime may have restored our bytes since the
  // read
  const isLeft = ({ entry, decision: { kind } }: Decided): boolean =>
    LEFT.has(kind) && dependent.includes(entry);
  const left = decided.filter(isLeft).map(({ entry }) => entry);
  const later = await readEntries(journal, left, tools, requestStats);

  return decided.map((each, i) => {
    const now = present[i] as PresentDocument | null;
    const then = later[left.indexOf(each.entry)] ?? null;
    const isChanged = isLeft(each) && !isSame(now, then);
    return isChanged ? { ...each, decision: { kind: "wait" } } : each;
  });
}

function isSame(
  now: PresentDocument | null,
  then: PresentDocument | null,
): boolean {
  return now === null || then === null ? now === then : isVersion(now, then);
}

async function readEntries(
  { index }: Journal,
  entries: readonly JournalEntry[],
  { execution }: AtomicContext,
  requestStats: RequestStats,
): Promise<Array<PresentDocument | null>> {
  return readPresent(index, entries, execution, requestStats, isGone);
}

/** The collection has been deleted, and its documents with it. */
function isGone({ status }: Failure): boolean {
  return status === 404;
}

/**
 * Finds rivals by hash. Must run after the documents were read: a batch that had
 * written one of them by then already had its journal.
 */
async function findRivals(
  journal: Journal,
  entries: readonly JournalEntry[],
  { execution, journals }: AtomicContext,
): Promise<ReadonlyMap<string, readonly Rival[]>> {
  if (entries.length === 0) {
    return new Map();
  }
  const hashes = entries.map(({ intendedHash }) => intendedHash);
  const rivals = await retryAfterRejection(execution, () =>
    journals.findRivals(journal, hashes),
  );
  return groupBy(rivals, ({ hash }) => hash);
}

/**
 * Must run after `findRivals`: the journals of finished rivals stay until this batch is
 * finished, by whichever node. Another node may already have finished it.
 */
async function isUnfinished(
  { id }: Journal,
  { execution, journals }: AtomicContext,
): Promise<boolean> {
  const stored = await retryAfterRejection(execution, () => journals.read(id));
  return stored !== undefined && !isFinished(stored.journal);
}
