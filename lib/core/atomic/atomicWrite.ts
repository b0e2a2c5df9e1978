import type { Failure, OperationName, WriteError } from "../../types";
import type { BatchCommand, WriteDocument, WriteResult } from "../commands";
import { inputOf } from "../validation/writeInput";
import { newRequestStats } from "../RequestStats";
import { validateWrite } from "../validation/validateWrite";
import { mergeWrites, type CompletedBatch } from "../write/mergeWrites";
import { contentAfter, nativeFailure } from "../write/writeItems";
import { atomicBulk, type RolledBack, type Unknown } from "./atomicBulk";
import type { AtomicItem } from "./AtomicBatch";
import type { AtomicContext } from "./AtomicContext";
import { MODIFIED } from "./reasons";

/** How an atomic batch ended, with what its response needs. */
export type AtomicResult =
  /** validation failed, so nothing was sent */
  | { readonly outcome: "refused"; readonly result: WriteResult }
  | {
      readonly outcome: "committed";
      readonly result: WriteResult;
      readonly journalId: string;
    }
  | (Omit<RolledBack, "failures"> & { readonly result: WriteResult })
  | (Omit<Unknown, "failures"> & { readonly result: WriteResult });

/**
 * Runs all operations of a batch or none of them, see `atomicBulk`.
 *
 * @throws {EngineError} when nothing was sent because the engine is out of reach
 * @throws {JournalTooLarge}
 */
export async function atomicWrite(
  command: BatchCommand,
  tools: AtomicContext,
): Promise<AtomicResult> {
  const { index, refresh } = command;
  const { store, clock } = tools.execution;
  const startedAt = clock.now();
  const requestStats = newRequestStats();

  const merge = (
    batch: Pick<CompletedBatch, "results" | "validationErrors">,
  ): WriteResult => {
    const nothingSent = batch.results.length === 0 && command.requested > 0;
    return mergeWrites(
      {
        command,
        documents: nothingSent ? [] : command.documents,
        nothingSent,
        requestStats,
        ...batch,
      },
      clock.now() - startedAt,
    );
  };

  const { validationErrors, collections } = await validateWrite(
    command,
    (collection) => store.pin(index, collection),
  );
  if (validationErrors.length > 0) {
    return {
      outcome: "refused",
      result: merge({ results: [], validationErrors }),
    };
  }
  const ended = await atomicBulk(
    {
      index,
      refresh,
      items: command.documents.map((document) => toItem(document, command)),
      collections,
      beforeFirstWrite: command.beforeFirstWrite,
    },
    tools,
    requestStats,
  );
  if (ended.outcome === "committed") {
    const { results, ...rest } = ended;
    return { ...rest, result: merge({ results, validationErrors: [] }) };
  }
  const { failures, ...rest } = ended;
  const nothing = merge({ results: [], validationErrors: [] });
  return { ...rest, result: failed(nothing, command, failures) };
}

function toItem(document: WriteDocument, command: BatchCommand): AtomicItem {
  const { collection, _id, precondition } = document;
  const needs = NEEDS[document.op] ?? (document.ifAbsent && "absent");
  return {
    collection,
    _id,
    contentAfter: (before) => contentAfter(document, before, command),
    ...(needs && { needs }),
    ...(precondition && { precondition }),
  };
}

const NEEDS: Partial<Record<OperationName, AtomicItem["needs"]>> = {
  create: "absent",
  replace: "present",
  update: "present",
  delete: "present",
};

/** The result of a batch that wrote nothing. */
function failed(
  nothing: WriteResult,
  { documents }: BatchCommand,
  failures: readonly Failure[],
): WriteResult {
  const errors = documents.map((document, i): WriteError => ({
    ...inputOf(document),
    position: document.position,
    ...shownFailure(document.op, failures[i] as Failure),
  }));
  return {
    ...nothing,
    errors,
    stats: { ...nothing.stats, errors: errors.length },
  };
}

/**
 * The reason for a document that is left as it is does not exist in Kuzzle's own
 * actions.
 */
function shownFailure(op: OperationName, failure: Failure): Failure {
  return failure === MODIFIED ? failure : nativeFailure(op, failure);
}
