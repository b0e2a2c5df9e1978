import type { Journal, JournalEntry } from "../ports/JournalStore";
import type { Failure } from "../../types";
import type { ItemResult } from "../outcome";
import type { RequestStats } from "../RequestStats";
import { bulkWrite } from "../write/bulkWrite";
import type { WriteItem } from "../write/writeItems";
import type { AtomicContext } from "./AtomicContext";
import type { RollbackDecision } from "./decideRollback";
import { RollbackInterrupted } from "./presentDocuments";

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
}

/**
 * Restores and removes documents, each on condition that it is still the version that
 * the decision was about.
 *
 * @throws {RollbackInterrupted} when the engine does not say what became of one
 */
export async function restoreDocuments(
  { id, index }: Journal,
  decided: readonly Decided[],
  { execution }: AtomicContext,
  requestStats: RequestStats,
): Promise<Restored> {
  const wanted = decided.flatMap(({ entry, decision }) => {
    const item = toItem(entry, decision);
    return item === undefined ? [] : [{ entry, item }];
  });
  const results = await bulkWrite(
    wanted.map(({ item }) => item),
    {
      index,
      refresh: "false",
      conflictRetries: 0,
      opaqueId: `${id}/rollback`,
    },
    execution,
    requestStats,
  );
  const restored: JournalEntry[] = [];
  const rejected: JournalEntry[] = [];
  const again: JournalEntry[] = [];

  wanted.forEach(({ entry }, i) => {
    const result = results[i] as ItemResult<unknown>;
    if (result.ok) {
      restored.push(entry);
    } else if (isFinal(result.failure)) {
      rejected.push(entry);
    } else if (isChanged(result.failure)) {
      again.push(entry);
    } else {
      throw new RollbackInterrupted(result.failure.reason);
    }
  });
  return { restored, rejected, again };
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
