import type { BulkDone } from "../ports/DocumentStore";
import type { Journal, JournalEntry } from "../ports/JournalStore";
import type { Failure } from "../../types";
import type { ItemResult } from "../outcome";
import type { RequestStats } from "../RequestStats";
import { bulkWrite } from "../write/bulkWrite";
import type { WriteItem } from "../write/writeItems";
import type { AtomicContext } from "./AtomicContext";
import type { RollbackDecision } from "./decideRollback";
import { RollbackInterrupted } from "./presentDocuments";
import { isBackAtOnce } from "./versions";

/** An entry of a journal, and the decision on its document. */
export interface Decided {
  readonly entry: JournalEntry;
  readonly decision: RollbackDecision;
}

/** What happened to the documents that were to be restored or removed. */
export interface Restored {
  readonly restored: readonly JournalEntry[];
  /** the engine rejects the previous content */
  readonly rejected: readonly JournalEntry[];
  /** written concurrently: must be read and decided again */
  readonly again: readonly JournalEntry[];
  /** deleted last by somebody else, so it stays deleted */
  readonly deleted: readonly JournalEntry[];
}

/** The id by which the engine knows the bulk that restores the documents of a batch. */
export function rollbackIdOf(journalId: string): string {
  return `${journalId}/rollback`;
}

/**
 * Restores and removes documents, each on condition that it still has the version that
 * the decision was based on.
 *
 * A missing document has no version to check, so somebody may have created and deleted
 * it in the meantime. The version after our creation shows that; then it is deleted
 * again.
 *
 * @throws {RollbackInterrupted} when the outcome of one of them stays unknown
 */
export async function restoreDocuments(
  journal: Journal,
  decided: readonly Decided[],
  { execution }: AtomicContext,
  requestStats: RequestStats,
): Promise<Restored> {
  const send = (items: WriteItem[]): Promise<ItemResult<BulkDone>[]> =>
    bulkWrite(
      items,
      {
        index: journal.index,
        refresh: "false",
        conflictRetries: 0,
        opaqueId: rollbackIdOf(journal.id),
      },
      execution,
      requestStats,
    );
  const wanted = decided.flatMap(({ entry, decision }) => {
    const item = toItem(entry, decision);
    return item === undefined ? [] : [{ entry, item }];
  });
  const results = await send(wanted.map(({ item }) => item));
  const restored: JournalEntry[] = [];
  const rejected: JournalEntry[] = [];
  const again: JournalEntry[] = [];
  const undue: Array<{ entry: JournalEntry; item: WriteItem }> = [];

  wanted.forEach(({ entry, item }, i) => {
    const result = results[i] as ItemResult<BulkDone>;
    if (result.ok && isUndue(entry, item, result.value)) {
      undue.push({ entry, item: deletion(entry, result.value) });
    } else if (result.ok) {
      restored.push(entry);
    } else if (isFinal(result.failure)) {
      rejected.push(entry);
    } else if (isChanged(result.failure)) {
      again.push(entry);
    } else {
      throw new RollbackInterrupted(result.failure.reason);
    }
  });
  for (const result of await send(undue.map(({ item }) => item))) {
    if (!result.ok && !isChanged(result.failure)) {
      throw new RollbackInterrupted(result.failure.reason);
    }
  }
  const deleted = undue.map(({ entry }) => entry);
  return { restored, rejected, again, deleted };
}

/** The document existed at some time between the decision and our creation of it. */
function isUndue(
  entry: JournalEntry,
  { operation }: WriteItem,
  { _version }: BulkDone,
): boolean {
  return operation === "create" && !isBackAtOnce(entry, _version);
}

function deletion(
  { collection, _id }: JournalEntry,
  { _seq_no, _primary_term }: BulkDone,
): WriteItem {
  return {
    operation: "delete",
    collection,
    _id,
    payload: "",
    precondition: { ifSeqNo: _seq_no, ifPrimaryTerm: _primary_term },
  };
}

function toItem(
  { collection, _id }: JournalEntry,
  decision: RollbackDecision,
): WriteItem | undefined {
  switch (decision.kind) {
    case "unchanged":
    case "in_flight":
    case "modified":
    case "ambiguous":
    case "wait":
      return undefined;
    case "recreate":
      return {
        operation: "create",
        collection,
        _id,
        payload: decision.sourceText,
      };
    case "restore":
    case "remove":
      return {
        operation: decision.kind === "restore" ? "index" : "delete",
        collection,
        _id,
        payload: decision.kind === "restore" ? decision.sourceText : "",
        precondition: {
          ifSeqNo: decision.now.seqNo,
          ifPrimaryTerm: decision.now.primaryTerm,
        },
      };
  }
}

/**
 * Somebody wrote the document, or deleted the collection, between our read and our
 * write.
 */
function isChanged({ code, status }: Failure): boolean {
  return code === "version_conflict" || status === 404;
}

/** The mapping has changed since: a retry would not help. */
function isFinal({ code }: Failure): boolean {
  return code === "mapping" || code === "invalid" || code === "too_large";
}
