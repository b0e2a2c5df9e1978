import type { GetError, WriteError } from "../types";

/** Ids of the errors that the client itself raises. @public */
export type ClientErrorId =
  /** the signal was aborted */
  | "batch.client.aborted"
  /** the connection was not restored, or was restored as another user */
  | "batch.client.disconnected"
  /** `batch:limits` failed */
  | "batch.client.limits_unknown"
  /** a call that must be one request is too large for one */
  | "batch.client.too_large"
  /** the outcome of some documents of a strict call is unknown */
  | "batch.client.outcome_unknown"
  /** the input or a callback threw: see `cause` */
  | "batch.client.broken_off"
  /** a response does not come from this plugin */
  | "batch.client.answer_invalid"
  /** documents failed, and there is no `onErrors` */
  | "batch.client.documents_failed"
  /** an operation was given to a writer after its `close()` */
  | "batch.client.closed";

/** @public */
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
 * Why a call ended early.
 *
 * - `id`, `status`, `code`: those of the server's error, or a `ClientErrorId`
 * - `errors`: an entry for each document that failed or whose outcome is unknown
 *   (`code: "unknown_outcome"`), in the order of the call
 * - `unprocessed`: positions of the documents with which nothing was done: they were
 *   not sent, or their request failed before anything was executed
 * - `result`: the merged results of the requests that succeeded
 *
 * A document that is neither in `errors` nor in `unprocessed` is done.
 *
 * @public
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
