import { BatchError, type BatchErrorDetails } from "./BatchError";
import { isServerError } from "../transport/errorClassifier";

/** What a call is rejected with that `cause` has ended, and what it came to by then. */
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
  return new BatchError(`Broken off: ${message}`, {
    ...details,
    id: "batch.client.broken_off",
    status: 0,
    cause,
  });
}
