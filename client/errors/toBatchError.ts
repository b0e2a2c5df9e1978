import { BatchError, type BatchErrorDetails } from "./BatchError";
import { isServerError } from "../transport/errorClassifier";

/** The error of a call that `cause` ended, with what was done until then. */
export function toBatchError<Result>(
  cause: unknown,
  details: Pick<BatchErrorDetails<Result>, "errors" | "unprocessed" | "result">,
): BatchError<Result> {
  if (cause instanceof BatchError) {
    const { id, status, message, cause: first } = cause;
    return new BatchError(message, { ...details, id, status, cause: first });
  }
  if (isServerError(cause)) {
    const { id, status, code = 0, message } = cause;
    return new BatchError(message, { ...details, id, status, code, cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new BatchError(`Aborted by an error: ${message}`, {
    ...details,
    id: "batch.client.broken_off",
    status: 0,
    cause,
  });
}

/**
 * The error of a call that did not start: nothing was done with any of its documents.
 *
 * @param total number of documents, if known
 */
export function notBegun(cause: unknown, total = 0): unknown {
  return cause instanceof BatchError
    ? toBatchError(cause, { unprocessed: [...Array(total).keys()] })
    : cause;
}
