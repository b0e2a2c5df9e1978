import type { BulkDone } from "../ports/DocumentStore";
import { addressKey, type StoredJournal } from "../ports/JournalStore";
import type { Failure } from "../../types";
import type { ItemResult } from "../outcome";
import { RawSource } from "../RawSource";
import type { RequestStats } from "../RequestStats";
import { bulkWrite } from "../write/bulkWrite";
import type { WriteItem } from "../write/writeItems";
import {
  brokenConditions,
  collectionsOf,
  type AtomicBatch,
  type AtomicWrite,
} from "./AtomicBatch";
import { pinnedTo, type AtomicContext } from "./AtomicContext";
import type { PresentDocument } from "./decideRollback";
import {
  commit,
  OutcomeUnknown,
  rollBackOwn,
  type FinishedBatch,
} from "./journalTransitions";
import { readPreImages } from "./preImages";
import { RollbackInterrupted } from "./presentDocuments";
import { FAILED_OVER, HELD_UP, MODIFIED, reasonsOf, UNKNOWN } from "./reasons";
import { writeJournal } from "./writeJournal";
import { statusesOf, statusOf } from "./writeStatus";

/** How an atomic batch ended. Lists by position follow the order of its items. */
export type AtomicOutcome = Committed | RolledBack | Unknown;

export interface Committed {
  readonly outcome: "committed";
  readonly results: readonly ItemResult<BulkDone>[];
  readonly journalId: string;
}

export interface RolledBack {
  readonly outcome: "rolled_back" | "rollback_incomplete";
  /** by position: why it was not written */
  readonly failures: readonly Failure[];
  /** the batch failed because of the engine, not because of a document */
  readonly byEngine: boolean;
  /** how many documents made the batch fail */
  readonly causeCount: number;
  /** how many documents somebody else has modified since */
  readonly modifiedCount: number;
  /** undefined if the outcome did not require a journal */
  readonly journalId: string | undefined;
}

export interface Unknown {
  readonly outcome: "unknown";
  /** by position */
  readonly failures: readonly Failure[];
  readonly journalId: string;
}

/**
 * Writes all documents of a batch or none of them, as strongly as the engine allows:
 * there is no isolation, and another writer's change is never overwritten.
 *
 * 1. read the documents as they are, 2. write a journal, 3. send the bulk, each item on
 * condition that its document is still the same, 4. commit by compare-and-set on the
 * journal, or 5. roll back.
 *
 * @param batch valid, with its collections pinned
 * @throws {EngineError} when nothing was sent because the engine is out of reach
 * @throws {JournalTooLarge}
 */
export async function atomicBulk(
  batch: AtomicBatch,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<AtomicOutcome> {
  // taken before anything is read, because it identifies rivals
  const createdAt = tools.epoch();
  const own = pinnedTo(collectionsOf(batch), tools);
  const before = await readPreImages(batch, own, requestStats);
  const broken = brokenConditions(batch.items, before);
  if (broken.some((failure) => failure !== undefined)) {
    return rolledBack(broken, undefined);
  }
  const writes = batch.items.map(({ collection, _id, contentAfter }, i) => {
    const payload = contentAfter(before[i]?.sourceText ?? null);
    return { collection, _id, payload };
  });
  await batch.beforeFirstWrite?.();
  const stored = await writeJournal(batch, writes, before, createdAt, own);
  // after this long a delay, another node considers it abandoned
  const isLate = tools.epoch() >= stored.journal.dueAt;
  const results = isLate
    ? batch.items.map(() => NOT_SENT)
    : await send(batch, writes, before, stored.journal.id, own, requestStats);
  const finish = results.every(({ ok }) => ok) ? commit : rollBackOwn;
  try {
    const statuses = statusesOf(batch.items, results);
    const finished = await finish(stored, statuses, own, requestStats);
    return toOutcome(writes, before, results, finished);
  } catch (error) {
    return unknown(error, results, stored);
  }
}

const NOT_SENT: ItemResult<BulkDone> = {
  ok: false,
  failure: HELD_UP,
  attempts: 0,
};

function send(
  { index, refresh }: AtomicBatch,
  writes: readonly AtomicWrite[],
  before: ReadonlyArray<PresentDocument | null>,
  journalId: string,
  { execution }: AtomicContext,
  requestStats: RequestStats,
): Promise<ItemResult<BulkDone>[]> {
  return bulkWrite(
    writes.map((write, i) =>
      conditional(write, before[i] as PresentDocument | null),
    ),
    { index, refresh, conflictRetries: 0, opaqueId: journalId },
    execution,
    requestStats,
  );
}

/** Writes on condition that the document is still as it was read. */
function conditional(
  { collection, _id, payload }: AtomicWrite,
  before: PresentDocument | null,
): WriteItem {
  return before === null
    ? { operation: "create", collection, _id, payload: payload ?? "" }
    : {
        operation: payload === null ? "delete" : "index",
        collection,
        _id,
        payload: payload ?? "",
        precondition: {
          ifSeqNo: before.seqNo,
          ifPrimaryTerm: before.primaryTerm,
        },
      };
}

function toOutcome(
  writes: readonly AtomicWrite[],
  before: ReadonlyArray<PresentDocument | null>,
  results: readonly ItemResult<BulkDone>[],
  { journal, restored }: FinishedBatch,
): Committed | RolledBack {
  const { id, state } = journal;
  if (state === "committed") {
    const shown = results.map((result, i) =>
      withContent(result, writes[i]?.payload ?? before[i]?.sourceText),
    );
    return { outcome: "committed", results: shown, journalId: id };
  }
  const isModified = new Set(journal.modified);
  const isRestored = new Set(restored);
  const causes = writes.map((item, i) => {
    const result = results[i] as ItemResult<BulkDone>;
    const key = addressKey(item);
    if (isModified.has(key)) {
      return MODIFIED;
    }
    if (result.ok) {
      return undefined;
    }
    const { failure } = result;
    return failure.code === "version_conflict" && isRestored.has(key)
      ? FAILED_OVER
      : failure;
  });
  return rolledBack(causes, id);
}

/** Adds what was written or, for a delete, what was there before. */
function withContent(
  result: ItemResult<BulkDone>,
  text: string | undefined,
): ItemResult<BulkDone> {
  return result.ok && text !== undefined
    ? {
        ...result,
        value: { ...result.value, _source: RawSource.ofText(text) },
      }
    : result;
}

/**
 * Nothing of the batch is left, except in documents that others have modified since.
 *
 * @param causes by position, for documents that have a cause of their own
 */
function rolledBack(
  causes: ReadonlyArray<Failure | undefined>,
  journalId: string | undefined,
): RolledBack {
  const modifiedCount = causes.filter((cause) => cause === MODIFIED).length;
  return {
    outcome: modifiedCount > 0 ? "rollback_incomplete" : "rolled_back",
    ...reasonsOf(causes),
    modifiedCount,
    journalId,
  };
}

function unknown(
  error: unknown,
  results: readonly ItemResult<BulkDone>[],
  { journal }: StoredJournal,
): Unknown {
  if (!(
    error instanceof OutcomeUnknown || error instanceof RollbackInterrupted
  )) {
    throw error;
  }
  return {
    outcome: "unknown",
    failures: results.map((result) =>
      result.ok || statusOf(result) !== "not written"
        ? UNKNOWN
        : result.failure,
    ),
    journalId: journal.id,
  };
}
