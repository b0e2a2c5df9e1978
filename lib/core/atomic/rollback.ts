import { groupBy } from "lodash";

import type { BulkItem } from "../ports/DocumentStore";
import {
  isSettled,
  type Journal,
  type JournalEntry,
  type Rival,
} from "../ports/JournalStore";
import type { Address, Failure, ItemResult } from "../../types";
import { bulkWrite } from "../write/bulkWrite";
import type { ExecutionContext } from "../ExecutionContext";
import { readRaw } from "../read/readRaw";
import type { RequestStats } from "../RequestStats";
import {
  decideUndo,
  dependsOnRivals,
  isVersion,
  type Fate,
  type PresentDocument,
  type Undo,
} from "./decideRollback";
import { retryAfterRejection } from "../retry/retryAfterRejection";
import { pinnedTo, POLL_MS, type AtomicContext } from "./AtomicContext";

/** Each round reads anew what a foreign writer has changed in the round before. */
const MAX_ROUNDS = 10;

/** The engine could not be asked: what is not undone may be undone later. */
export class UndoInterrupted extends Error {}

/** By id: what the engine has answered; ids without an answer are left out. */
export type Fates = ReadonlyMap<string, Fate>;

export const NOTHING_KNOWN: Fates = new Map();

/** What is left of a batch that was undone. */
export interface Undone {
  /** ids that could not be put back: what they hold now is somebody else's */
  readonly foreign: readonly string[];
  /** those of them that hold what the batch was to write, by whomever */
  readonly ambiguous: readonly string[];
  /** ids that the bulk may still write, should it be on its way */
  readonly recheck: readonly string[];
  /** ids that the batch had written, and that were taken back here */
  readonly restored: readonly string[];
}

/**
 * Takes back what a batch has written, document by document, each guarded by
 * the version just read, so that a foreign write is never overwritten. May be
 * done by several nodes at once, and again after it was cut short.
 *
 * Of a collection that was deleted since nothing can be taken back, and a later one
 * of the same name is not touched.
 *
 * @param entries of the journal: those to look at
 * @throws {UndoInterrupted}
 * @throws {EngineError}
 */
export async function undo(
  journal: Journal,
  entries: readonly JournalEntry[],
  fates: Fates,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<Undone> {
  const { uuid } = journal;
  const own = uuid === undefined ? tools : pinnedTo(uuid, tools);
  const foreign: string[] = [];
  const ambiguous: string[] = [];
  const recheck: string[] = [];
  const restored: string[] = [];
  const deadline = tools.epoch() + tools.times.taskWaitMs;
  let open = entries;
  let rounds = 0;

  while (open.length > 0) {
    const decided = await decideAll(journal, open, fates, own, requestStats);
    ambiguous.push(...idsOf(decided, "ambiguous"));
    foreign.push(...idsOf(decided, "foreign"), ...idsOf(decided, "ambiguous"));
    recheck.push(...idsOf(decided, "unreached"));

    const { taken, refused, again } = await takeBack(
      journal,
      decided,
      own,
      requestStats,
    );
    restored.push(...taken);
    foreign.push(...refused);
    if (again.length > 0 && ++rounds === MAX_ROUNDS) {
      throw new UndoInterrupted("others keep writing the same documents");
    }
    const undecided = decided.filter(({ undo }) => undo.kind === "undecided");
    if (undecided.length > 0) {
      if (tools.epoch() >= deadline) {
        throw new UndoInterrupted("another batch is not settled yet");
      }
      await tools.execution.clock.sleep(POLL_MS);
    }
    open = [...again, ...undecided.map(({ entry }) => entry)];
  }
  return { foreign, ambiguous, recheck, restored };
}

function idsOf(decided: readonly Decided[], kind: Undo["kind"]): string[] {
  return decided
    .filter(({ undo }) => undo.kind === kind)
    .map(({ entry }) => entry._id);
}

interface Decided {
  readonly entry: JournalEntry;
  readonly undo: Undo;
}

/** Decisions that leave a document as it is, though not because of a version. */
const LEFT: ReadonlySet<Undo["kind"]> = new Set([
  "foreign",
  "ambiguous",
  "untouched",
]);

async function decideAll(
  journal: Journal,
  open: readonly JournalEntry[],
  fates: Fates,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<Decided[]> {
  const present = await readEntries(journal, open, tools, requestStats);
  const dependent = open.filter((entry, i) =>
    dependsOnRivals(
      entry,
      present[i] as PresentDocument | null,
      fates.get(entry._id),
    ),
  );
  const rivals = await findRivals(journal, dependent, tools);
  const isComplete =
    dependent.length === 0 || (await isUnsettled(journal, tools));
  const decided = open.map((entry, i) => ({
    entry,
    undo: decideUndo(
      entry,
      present[i] as PresentDocument | null,
      fates.get(entry._id),
      { rivals: rivals[entry.intendedHash] ?? [], isComplete },
    ),
  }));

  // a rival that is settled by now may have put our bytes back since we read
  const isLeft = ({ entry, undo: { kind } }: Decided): boolean =>
    LEFT.has(kind) && dependent.includes(entry);
  const left = decided.filter(isLeft).map(({ entry }) => entry);
  const later = await readEntries(journal, left, tools, requestStats);

  return decided.map((each, i) => {
    const now = present[i] as PresentDocument;
    const then = later[left.indexOf(each.entry)];
    const isChanged = isLeft(each) && (!then || !isVersion(now, then));
    return isChanged ? { ...each, undo: { kind: "undecided" } } : each;
  });
}

async function readEntries(
  { index, collection }: Journal,
  entries: readonly JournalEntry[],
  { execution }: AtomicContext,
  requestStats: RequestStats,
): Promise<Array<PresentDocument | null>> {
  const addresses = entries.map(({ _id }) => ({ collection, _id }));
  return readPresent(index, addresses, execution, requestStats, isGone);
}

/**
 * By hash. Asked after the documents were read: a batch that has written one of
 * them by then had its journal before.
 */
async function findRivals(
  journal: Journal,
  entries: readonly JournalEntry[],
  { execution, journals }: AtomicContext,
): Promise<Record<string, Rival[]>> {
  if (entries.length === 0) {
    return {};
  }
  const hashes = entries.map(({ intendedHash }) => intendedHash);
  const rivals = await retryAfterRejection(execution, () =>
    journals.findRivals(journal, hashes),
  );
  return groupBy(rivals, ({ hash }) => hash);
}

/**
 * Asked after the rivals: the journals of those that are over stay until this one's
 * batch is settled, by whichever node. Another may have been faster.
 */
async function isUnsettled(
  { id }: Journal,
  { execution, journals }: AtomicContext,
): Promise<boolean> {
  const stored = await retryAfterRejection(execution, () => journals.read(id));
  return stored !== undefined && !isSettled(stored.journal);
}

/** @returns ids taken back, those that the engine refuses, and what to look at again */
async function takeBack(
  { id, index, collection }: Journal,
  decided: readonly Decided[],
  { execution }: AtomicContext,
  requestStats: RequestStats,
): Promise<{ taken: string[]; refused: string[]; again: JournalEntry[] }> {
  const wanted = decided.flatMap(({ entry, undo }) => {
    const item = toBulkItem(entry._id, undo);
    return item === undefined ? [] : [{ entry, item }];
  });
  const outcomes = await bulkWrite(
    wanted.map(({ item }) => item),
    {
      index,
      collection,
      refresh: "false",
      conflictRetries: 0,
      opaqueId: `${id}/undo`,
    },
    execution,
    requestStats,
  );
  const taken: string[] = [];
  const refused: string[] = [];
  const again: JournalEntry[] = [];

  wanted.forEach(({ entry }, i) => {
    const outcome = outcomes[i] as ItemResult<unknown>;
    if (outcome.ok) {
      taken.push(entry._id);
    } else if (isRefusedForGood(outcome.failure)) {
      refused.push(entry._id);
    } else if (isChanged(outcome.failure)) {
      again.push(entry);
    } else {
      throw new UndoInterrupted(outcome.failure.reason);
    }
  });
  return { taken, refused, again };
}

/**
 * Documents by realtime look-up, byte for byte.
 *
 * @param isNone which failures are as good as the answer that there is none
 * @throws {UndoInterrupted} when one of them can't be read
 */
export async function readPresent(
  index: string,
  addresses: readonly Address[],
  execution: ExecutionContext,
  requestStats: RequestStats,
  isNone: (failure: Failure) => boolean = () => false,
): Promise<Array<PresentDocument | null>> {
  const outcomes = await readRaw(index, addresses, execution, requestStats);
  return outcomes.map((outcome) => {
    if (outcome.ok) {
      return outcome.value;
    }
    if (isNone(outcome.failure)) {
      return null;
    }
    throw new UndoInterrupted(outcome.failure.reason);
  });
}

function toBulkItem(_id: string, undo: Undo): BulkItem | undefined {
  switch (undo.kind) {
    case "untouched":
    case "unreached":
    case "foreign":
    case "ambiguous":
    case "undecided":
      return undefined;
    case "restore":
    case "remove":
      return {
        operation: undo.kind === "restore" ? "index" : "delete",
        _id,
        payload: undo.kind === "restore" ? undo.sourceText : "",
        precondition: {
          ifSeqNo: undo.now.seqNo,
          ifPrimaryTerm: undo.now.primaryTerm,
        },
      };
  }
}

/** The collection was deleted meanwhile, and its documents with it. */
function isGone({ status }: Failure): boolean {
  return status === 404;
}

/** Somebody wrote, or deleted the collection, between our read and our write. */
function isChanged({ code, status }: Failure): boolean {
  return code === "version_conflict" || status === 404;
}

/** Somebody has changed the mapping since: trying again would not help. */
function isRefusedForGood({ code }: Failure): boolean {
  return code === "mapping" || code === "invalid" || code === "too_large";
}
