import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";
import type {
  Failure,
  GetError,
  NotFound,
  Stats,
  WriteError,
} from "../../types";
import type {
  GetResult,
  RequestedDocument,
  WriteResult,
} from "../../core/commands";
import type {
  FoundDocument,
  OperationResult,
  UpdatedDocument,
  WrittenDocument,
} from "../../core/documents";

/** The response of `batch:batchGet`. */
export interface GetAnswer {
  readonly documents: FoundDocument[];
  readonly not_found: NotFound[];
  readonly errors: GetError[];
  /** as they were requested, for a further request */
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

/** The response of `batch:mWrite` and `batch:mUpdate`. */
export interface WriteAnswer<Success> {
  readonly successes: Success[];
  readonly errors: WriteError[];
  readonly atomic?: { readonly state: "committed"; readonly journalId: string };
  readonly stats: Stats;
}

export type UpdateAnswer = WriteAnswer<UpdatedDocument>;

/** The response of `batch:batchWrite`. */
export interface OperationsAnswer {
  readonly results: OperationResult[];
  readonly errors: WriteError[];
  readonly atomic?: WriteAnswer<never>["atomic"];
  readonly stats: Stats;
}

/** How the responses of the writing actions differ. */
export interface WriteShape {
  /** part of the error ids: `batch.<errors>.incomplete` */
  readonly errors: "write" | "update";
  readonly toEntry: (error: WriteError) => WriteError;
}

/** For actions that apply the same operation to all documents. */
export function documentEntry({
  op,
  collection,
  ...error
}: WriteError): WriteError {
  return error;
}

/** For actions whose entries each name an operation and a collection. */
export function operationEntry(error: WriteError): WriteError {
  return error;
}

export function writeAnswer(
  { successes, errors, stats, journalId }: WriteResult,
  withSource: boolean,
): WriteAnswer<WrittenDocument> {
  return {
    successes: successes.map(
      ({
        _id,
        _source,
        _version,
        _seq_no,
        _primary_term,
        result,
        position,
      }) => ({
        _id,
        ...(withSource && _source && { _source }),
        _version,
        _seq_no,
        _primary_term,
        created: result === "created",
        position,
      }),
    ),
    errors: errors.map(documentEntry),
    ...atomicPart(journalId),
    stats,
  };
}

function atomicPart(
  journalId: string | undefined,
): Pick<WriteAnswer<never>, "atomic"> {
  return journalId === undefined
    ? {}
    : { atomic: { state: "committed", journalId } };
}

export function updateAnswer(
  { successes, errors, stats }: WriteResult,
  withSource: boolean,
): UpdateAnswer {
  return {
    successes: successes.map(({ op, collection, status, ...each }) =>
      withoutSource(each, withSource),
    ),
    errors: errors.map(documentEntry),
    stats,
  };
}

export function operationsAnswer(
  { successes, errors, stats, journalId }: WriteResult,
  withSource: boolean,
): OperationsAnswer {
  return {
    results: successes.map((each) => {
      const { position, op, collection, _id, status, result } = each;
      const { _version, _seq_no, _primary_term, attempts, _source } = each;
      return {
        position,
        op,
        collection,
        _id,
        status,
        result,
        _version,
        _seq_no,
        _primary_term,
        attempts,
        ...(withSource && op !== "delete" && _source && { _source }),
      };
    }),
    errors: errors.map(operationEntry),
    ...atomicPart(journalId),
    stats,
  };
}

/** The source may be present even though the caller did not ask for it. */
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

/** @throws `batch.get.incomplete` unless every requested document is in the response */
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

/** Returns an entry for each requested document that is not in the response. */
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
  reason: "The response was full: request the document again.",
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

/** @throws `batch.write.*` or `batch.update.*` unless everything was written */
export function assertCompleteWrite(
  result: WriteResult,
  shape: WriteShape,
): void {
  const { completeness, errors, stats } = result;
  switch (completeness) {
    case "complete":
      return;
    case "refused":
      throw refusedError(result, shape);
    case "incomplete":
      throw batchError(
        `batch.${shape.errors}.incomplete`,
        { count: errors.length, requested: stats.requested },
        errors.map(shape.toEntry),
      );
  }
}

/** The first validation errors of a batch that was not sent. */
export function refusedError(
  { errors, stats }: WriteResult,
  shape: WriteShape,
): Error {
  const count = errors.length;
  return batchError(
    `batch.${shape.errors}.refused`,
    { count, requested: stats.requested },
    errors.slice(0, REQUEST_LIMITS.invalidItems.value).map(shape.toEntry),
    { count },
  );
}
