import type { GetError, WriteError } from "../types";

/** What a call was rejected with, in words that a program can compare. */
export type ClientErrorId =
  /** the signal was aborted */
  | "batch.client.aborted"
  /** the connection did not come back, or with another user */
  | "batch.client.disconnected"
  /** `batch:limits` could not be asked */
  | "batch.client.limits_unknown"
  /** what has to be one request is too large for one */
  | "batch.client.too_large"
  /** it is not known what became of some documents of a strict call */
  | "batch.client.outcome_unknown"
  /** the input or a callback has thrown: see `cause` */
  | "batch.client.broken_off"
  /** the answer of a request was none of this plugin's */
  | "batch.client.answer_invalid"
  /** documents failed and nobody listens for them */
  | "batch.client.documents_failed";

export interface BatchErrorDetails<Result> {
  readonly id: string;
  readonly status: number;
  readonly code?: number;
  readonly errors?: readonly (WriteError | GetError)[];
  readonly unprocessed?: readonly number[];
  readonly result?: Result | undefined;
  readonly cause?: unknown;
}

/**
 * Why a call came to an end before its documents did.
 *
 * - `id`, `status`, `code`: those of the server's error, or a `ClientErrorId`
 * - `errors`: an entry for each document that failed, or of which it is not known
 *   (`code: "unknown_outcome"`), in the order of the call
 * - `unprocessed`: positions of the documents with which nothing was done: they were
 *   not sent, or their request was refused as a whole
 * - `result`: what the requests that succeeded have answered
 *
 * A document that is neither in `errors` nor in `unprocessed` is done.
 */
export class BatchError<Result = unknown> extends Error {
  readonly id: string;
  readonly status: number;
  readonly code: number;
  readonly errors: readonly (WriteError | GetError)[];
  readonly unprocessed: readonly number[];
  readonly result: Result | undefined;

  constructor(message: string, details: BatchErrorDetails<Result>) {
    super(message, { cause: details.cause });
    this.id = details.id;
    this.status = details.status;
    this.code = details.code ?? 0;
    this.errors = details.errors ?? [];
    this.unprocessed = details.unprocessed ?? [];
    this.result = details.result;
    this.name =
      details.id === "batch.client.aborted" ? "AbortError" : "BatchError";
  }
}
