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

/** Each round reads anew what somebody has modified in the round before. */
const MAX_ROUNDS = 10;

/** What a rollback has left and done, each as keys of documents. */
export interface RollbackResult {
  /** could not be restored: what they hold now is somebody else's */
  readonly modified: readonly string[];
  /**
   * those of them that hold what the batch was to write, or of a deletion found, by
   * whomever
   */
  readonly ambiguous: readonly string[];
  /** the bulk may still write them, should it be in flight */
  readonly recheck: readonly string[];
  /** the batch had written them, and they were restored here */
  readonly restored: readonly string[];
}

/**
 * Restores what a batch has written, document by document, each on condition of the
 * version just read, so that somebody else's write is never overwritten. May be done
 * by several nodes at once, and again after it was cut short.
 *
 * Of a collection that was deleted since nothing can be restored, and a later one of
 * the same name is not touched.
 *
 * @param entries of the journal: those to look at
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

/** Decisions that leave a document as it is, though not because of a version. */
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

  // a rival that is finished by now may have restored our bytes since we read
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

/** The collection was deleted meanwhile, and its documents with it. */
function isGone({ status }: Failure): boolean {
  return status === 404;
}

/**
 * By hash. Asked after the documents were read: a batch that has written one of
 * them by then had its journal before.
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
 * Asked after the rivals: the journals of those that are over stay until this one's
 * batch is finished, by whichever node. Another may have been faster.
 */
async function isUnfinished(
  { id }: Journal,
  { execution, journals }: AtomicContext,
): Promise<boolean> {
  const stored = await retryAfterRejection(execution, () => journals.read(id));
  return stored !== undefined && !isFinished(stored.journal);
}
