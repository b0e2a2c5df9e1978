import assert from "node:assert";

import type { BulkDone } from "../ports/DocumentStore";
import type { WriteError } from "../../types";
import type {
  AskedWrite,
  BatchCommand,
  Completeness,
  DoneWrite,
  ValidationError,
  WriteDocument,
  WriteResult,
} from "../commands";
import type { ItemResult } from "../outcome";
import { inputOf } from "../validation/writeInput";
import { roundRequestStats, type RequestStats } from "../RequestStats";
import { nativeFailure, toDoneWrite } from "./writeItems";

/** A batch whose items all have a result. */
export interface CompletedBatch {
  readonly command: BatchCommand;
  /** those that were sent: none if the batch was rejected as a whole */
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<AskedWrite>[];
  /** nothing was sent */
  readonly nothingSent: boolean;
  /** parallel to `documents` */
  readonly results: readonly ItemResult<BulkDone>[];
  readonly requestStats: RequestStats;
}

/** Builds the two lists of a response, both in the order of the request. */
export function mergeWrites(
  batch: CompletedBatch,
  tookMs: number,
): WriteResult {
  const {
    command,
    documents,
    validationErrors,
    nothingSent,
    results,
    requestStats,
  } = batch;
  const successes: DoneWrite[] = [];
  const errors: WriteError[] = validationErrors.map(
    ({ asked, position, failure }) => ({
      ...asked,
      position,
      ...failure,
    }),
  );

  documents.forEach((document, i) => {
    const outcome = results[i] as ItemResult<BulkDone>;
    if (outcome.ok) {
      const { value, attempts } = outcome;
      successes.push(toDoneWrite(document, value, attempts, command));
      return;
    }
    const { op, position } = document;
    errors.push({
      ...inputOf(document),
      position,
      ...nativeFailure(op, outcome.failure),
    });
  });
  errors.sort((a, b) => a.position - b.position);
  assert(
    nothingSent || successes.length + errors.length === command.requested,
    "each document of a request ends in exactly one list",
  );

  const unique = countAddresses(command);
  return {
    completeness: completeness(nothingSent, errors),
    conflictRetries: requestStats.conflictRetries,
    successes,
    errors,
    stats: {
      requested: command.requested,
      unique,
      duplicates: command.requested - unique,
      [command.counter]: successes.length,
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

/** Each invalid document counts separately, since it may not have a valid id. */
function countAddresses({ documents, validationErrors }: BatchCommand): number {
  return (
    new Set(documents.map(({ collection, _id }) => `${collection}/${_id}`))
      .size + validationErrors.length
  );
}
