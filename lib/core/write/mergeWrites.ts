import assert from "node:assert";

import type { BulkDone } from "../ports/DocumentStore";
import type {
  AskedWrite,
  Completeness,
  Defect,
  Settled,
  WriteCommand,
  WriteDocument,
  WriteError,
  WriteResult,
} from "../../types";
import { roundTally, type Tally } from "../RequestStats";

/** A batch of which every item has met its fate. */
export interface SettledBatch {
  readonly command: WriteCommand;
  /** those that were sent: none of a refused batch */
  readonly documents: readonly WriteDocument[];
  readonly defects: readonly Defect<AskedWrite>[];
  /** nothing was sent */
  readonly refused: boolean;
  /** parallel to `documents` */
  readonly settled: readonly Settled<BulkDone>[];
  readonly tally: Tally;
}

export interface MergeKind<Success> {
  readonly counter: "written" | "updated";
  toSuccess(document: WriteDocument, done: BulkDone, attempts: number): Success;
}

/** Makes the two lists of an answer, both in the request's order. */
export function mergeWrites<Success>(
  batch: SettledBatch,
  kind: MergeKind<Success>,
  tookMs: number,
): WriteResult<Success> {
  const { command, documents, defects, refused, settled, tally } = batch;
  const successes: Success[] = [];
  const errors: WriteError[] = defects.map(({ asked, position, failure }) => ({
    document: asked,
    position,
    ...failure,
  }));

  documents.forEach((document, i) => {
    const outcome = settled[i] as Settled<BulkDone>;
    if (outcome.ok) {
      successes.push(kind.toSuccess(document, outcome.value, outcome.attempts));
      return;
    }
    const { _id, body, position } = document;
    errors.push({ document: { _id, body }, position, ...outcome.failure });
  });
  errors.sort((a, b) => a.position - b.position);
  assert(
    refused || successes.length + errors.length === command.requested,
    "each document of a request ends in exactly one list",
  );

  const unique = countIds(command);
  return {
    completeness: completeness(refused, errors),
    conflictRetries: tally.conflictRetries,
    successes,
    errors,
    stats: {
      requested: command.requested,
      unique,
      duplicates: command.requested - unique,
      [kind.counter]: successes.length,
      errors: errors.length,
      ...roundTally(tally),
      tookMs: Math.round(tookMs),
    },
  };
}

function completeness(refused: boolean, errors: WriteError[]): Completeness {
  if (refused) {
    return "refused";
  }
  return errors.length === 0 ? "complete" : "incomplete";
}

/** A defective document counts as one of its own: its id may be no id. */
function countIds({ documents, defects }: WriteCommand): number {
  return new Set(documents.map(({ _id }) => _id)).size + defects.length;
}
