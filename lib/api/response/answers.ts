import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";
import type { Failure, GetError, NotFound, Stats, WriteError } from "../../types";
import type {
  GetResult,
  RequestedDocument,
  WriteResult,
} from "../../core/commands";
import type {
  FoundDocument,
  UpdatedDocument,
  WrittenDocument,
} from "../../core/documents";

/** What `batch:batchGet` answers. */
export interface GetAnswer {
  readonly documents: FoundDocument[];
  readonly not_found: NotFound[];
  readonly errors: GetError[];
  /** as asked, for a next request */
  readonly unprocessed: unknown[];
  readonly stats: Stats;
}

/** @param entries the request's list as it was sent */
export function getAnswer(
  { documents, missing, errors, unprocessed, stats }: GetResult,
  entries: readonly unknown[],
): GetAnswer {
  return {
    documents,
    not_found: missing.map(notFoundEntry),
    errors,
    unprocessed: unprocessed.map(({ position }) => entries[position]),
    stats,
  };
}

/** What `batch:mWrite` and `batch:mUpdate` answer. */
export interface WriteAnswer<Success> {
  readonly successes: Success[];
  readonly errors: WriteError[];
  readonly atomic?: { readonly state: "committed"; readonly journalId: string };
  readonly stats: Stats;
}

export type UpdateAnswer = WriteAnswer<Omit<UpdatedDocument, "status">>;

export function writeAnswer(
  { successes, errors, stats, journalId }: WriteResult,
  withSource: boolean,
): WriteAnswer<WrittenDocument> {
  return {
    successes: successes.map((each) => withoutSource(each, withSource)),
    errors,
    ...(journalId !== undefined && {
      atomic: { state: "committed", journalId },
    }),
    stats,
  };
}

export function updateAnswer(
  { successes, errors, stats }: WriteResult<UpdatedDocument>,
  withSource: boolean,
): UpdateAnswer {
  return {
    successes: successes.map(({ status, ...each }) =>
      withoutSource(each, withSource),
    ),
    errors,
    stats,
  };
}

/** The source may be there for other reasons than that the caller wants it. */
function withoutSource<Document extends { readonly _source?: object }>(
  document: Document,
  withSource: boolean,
): Document {
  if (withSource) {
    return document;
  }
  const { _source, ...rest } = document;
  return rest as Document;
}

export function notFoundEntry({
  _id,
  collection,
  byAddress,
}: RequestedDocument): NotFound {
  return byAddress && collection !== undefined ? { collection, _id } : _id;
}

/** @throws `batch.get.incomplete` when there is a document less than asked */
export function assertCompleteGet(result: GetResult): void {
  const all = notReturned(result);
  if (all.length > 0) {
    throw batchError(
      "batch.get.incomplete",
      { count: all.length, requested: result.stats.requested },
      all,
    );
  }
}

/** An entry for each document that was asked for and is not in the answer. */
export function notReturned({
  missing,
  errors,
  unprocessed,
}: GetResult): GetError[] {
  return [
    ...missing.map((asked) => entryError(asked, MISSING)),
    ...errors,
    ...unprocessed.map((asked) => entryError(asked, UNPROCESSED)),
  ].sort((a, b) => a.position - b.position);
}

const MISSING: Failure = {
  status: 404,
  code: "not_found",
  reason: "There is no such document.",
  retryable: false,
};

const UNPROCESSED: Failure = {
  status: 413,
  code: "too_large",
  reason: "The answer was full: request the document again.",
  retryable: true,
};

function entryError(
  { _id, collection, position }: RequestedDocument,
  failure: Failure,
): GetError {
  return {
    _id,
    ...(collection !== undefined && { collection }),
    position,
    ...failure,
  };
}

/** @throws `batch.write.*` or `batch.update.*` unless all is done */
export function assertCompleteWrite(
  result: WriteResult<unknown>,
  what: "write" | "update",
): void {
  const { completeness, errors, stats } = result;
  switch (completeness) {
    case "complete":
      return;
    case "refused":
      throw refusal(result, what);
    case "incomplete":
      throw batchError(
        `batch.${what}.incomplete`,
        { count: errors.length, requested: stats.requested },
        errors,
      );
  }
}

/** Of a batch of which nothing was sent: its first validation errors. */
export function refusal(
  { errors, stats }: WriteResult<unknown>,
  what: "write" | "update",
): Error {
  const count = errors.length;
  return batchError(
    `batch.${what}.refused`,
    { count, requested: stats.requested },
    errors.slice(0, REQUEST_LIMITS.invalidItems.value),
    { count },
  );
}
