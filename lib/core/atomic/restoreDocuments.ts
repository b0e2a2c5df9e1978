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

/** An entry of a journal, and what its document's rollback is. */
export interface Decided {
  readonly entry: JournalEntry;
  readonly decision: RollbackDecision;
}

/** What became of the documents that were to be restored or removed. */
export interface Restored {
  readonly restored: readonly JournalEntry[];
  /** the engine rejects what was there before */
  readonly rejected: readonly JournalEntry[];
  /** somebody has written meanwhile: to be read and decided anew */
  readonly again: readonly JournalEntry[];
  /** somebody else has deleted it last, and so it stays */
  readonly deleted: readonly JournalEntry[];
}

/** By which the engine knows what restores the documents of a batch. */
export function rollbackIdOf(journalId: string): string {
  return `${journalId}/rollback`;
}

/**
 * Restores and removes documents, each on condition that it is still the version that
 * the decision was about.
 *
 * That a document is not there is no version, so that somebody may have created and
 * deleted it since. The version of ours tells that afterwards: then it is deleted again.
 *
 * @throws {RollbackInterrupted} when the engine does not say what became of one
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

/** It was there between what the decision was about and our creation. */
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

/** Somebody wrote, or deleted the collection, between our read and our write. */
function isChanged({ code, status }: Failure): boolean {
  return code === "version_conflict" || status === 404;
}

/** Somebody has changed the mapping since: trying again would not help. */
function isFinal({ code }: Failure): boolean {
  return code === "mapping" || code === "invalid" || code === "too_large";
}
