import { batchError } from "../errors";
import type {
  AskedDocument,
  GetError,
  GetResult,
  NotFound,
  WriteResult,
} from "../types";

/** What `batch:batchGet` answers. */
export interface GetAnswer extends Omit<GetResult, "missing"> {
  readonly not_found: NotFound[];
}

export function getAnswer({ missing, ...result }: GetResult): GetAnswer {
  return { ...result, not_found: missing.map(notFoundEntry) };
}

function notFoundEntry({
  _id,
  collection,
  byAddress,
}: AskedDocument): NotFound {
  return byAddress && collection !== undefined ? { collection, _id } : _id;
}

/** @throws `batch.get.incomplete` when there is a document less than asked */
export function assertCompleteGet({ missing, errors, stats }: GetResult): void {
  const all = [...missing.map(missingError), ...errors].sort(
    (a, b) => a.position - b.position,
  );
  if (all.length > 0) {
    throw batchError(
      "batch.get.incomplete",
      { count: all.length, requested: stats.requested },
      all,
    );
  }
}

function missingError({ _id, collection, position }: AskedDocument): GetError {
  return {
    _id,
    ...(collection !== undefined && { collection }),
    position,
    status: 404,
    code: "not_found",
    reason: "There is no such document.",
    retryable: false,
  };
}

/** @throws `batch.write.*` or `batch.update.*` unless all is done */
export function assertCompleteWrite(
  { completeness, errors, stats }: WriteResult<unknown>,
  what: "write" | "update",
): void {
  if (completeness !== "complete") {
    throw batchError(
      `batch.${what}.${completeness}`,
      { count: errors.length, requested: stats.requested },
      errors,
    );
  }
}
