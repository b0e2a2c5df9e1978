import assert from "node:assert";

import type { BulkDone } from "../ports/DocumentStore";
import type { WriteError, WriteInput } from "../../types";
import type {
  Completeness,
  ValidationError,
  WriteCommand,
  WriteDocument,
  WriteResult,
} from "../commands";
import type { ItemResult } from "../outcome";
import { inputOf } from "../validation/writeInput";
import { roundRequestStats, type RequestStats } from "../RequestStats";

/** A batch of which every item has met its fate. */
export interface CompletedBatch {
  readonly command: WriteCommand;
  /** those that were sent: none of a refused batch */
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<WriteInput>[];
  /** nothing was sent */
  readonly nothingSent: boolean;
  /** parallel to `documents` */
  readonly results: readonly ItemResult<BulkDone>[];
  readonly requestStats: RequestStats;
}

export interface MergeKind<Success> {
  readonly counter: "written" | "updated";
  toSuccess(document: WriteDocument, done: BulkDone, attempts: number): Success;
}

/** Makes the two lists of an answer, both in the request's order. */
export function mergeWrites<Success>(
  batch: CompletedBatch,
  kind: MergeKind<Success>,
  tookMs: number,
): WriteResult<Success> {
  const {
    command,
    documents,
    validationErrors,
    nothingSent,
    results,
    requestStats,
  } = batch;
  const successes: Success[] = [];
  const errors: WriteError[] = validationErrors.map(
    ({ asked, position, failure }) => ({
      document: asked,
      position,
      ...failure,
    }),
  );

  documents.forEach((document, i) => {
    const outcome = results[i] as ItemResult<BulkDone>;
    if (outcome.ok) {
      successes.push(kind.toSuccess(document, outcome.value, outcome.attempts));
      return;
    }
    const { position } = document;
    errors.push({ document: inputOf(document), position, ...outcome.failure });
  });
  errors.sort((a, b) => a.position - b.position);
  assert(
    nothingSent || successes.length + errors.length === command.requested,
    "each document of a request ends in exactly one list",
  );

  const unique = countIds(command);
  return {
    completeness: completeness(nothingSent, errors),
    conflictRetries: requestStats.conflictRetries,
    successes,
    errors,
    stats: {
      requested: command.requested,
      unique,
      duplicates: command.requested - unique,
      [kind.counter]: successes.length,
      errors: errors.length,
      ...roundRequestStats(requestStats),
      tookMs: Math.round(tookMs),
    },
  };
}

function completeness(
  nothingSent: boolean,
  errors: WriteError[],
): Completeness {
  if (nothingSent) {
    return "refused";
  }
  return errors.length === 0 ? "complete" : "incomplete";
}

/** A defective document counts as one of its own: its id may be no id. */
function countIds({ documents, validationErrors }: WriteCommand): number {
  return (
    new Set(documents.map(({ _id }) => _id)).size + validationErrors.length
  );
}
