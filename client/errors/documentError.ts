import type { GetError, WriteError } from "../types";
import { BatchError } from "./BatchError";

/** Rejects the promise of a single document that failed. */
export function documentError(error: GetError | WriteError): BatchError {
  return new BatchError(error.reason, {
    id: "batch.client.documents_failed",
    status: error.status,
    errors: [error],
  });
}
