/** The options of the client's methods. */
import type { GetError, WriteError } from "../lib/types";
import type { RequestedDocument } from "./inputTypes";
import type { WriteStreamResult } from "./answerTypes";

/** How far a call has come. Counts are documents. @public */
export interface Progress {
  /** those whose outcome is known, failed ones included */
  readonly done: number;
  /** those among `done` that are in `errors` (or, of reads, `not_found`) */
  readonly failed: number;
  /** undefined where the input does not tell its length */
  readonly total: number | undefined;
}

/**
 * How to return numbers that a double cannot hold.
 *
 * - `bigint`: integers beyond 2^53 are BigInt; decimals are the nearest doubles
 * - `text`: integers beyond 2^53, and decimals that a double cannot hold, are strings
 *   of their digits
 *
 * @public
 */
export type NumberMode = "bigint" | "text";

/** What every call takes. @public */
export interface CallOptions {
  /** requests in flight at a time; default 4 */
  readonly concurrency?: number;
  /** documents of a request; default as many as the server takes */
  readonly batchSize?: number;
  /**
   * How long a request is sent again while the connection is lost or the server
   * rejects work, in milliseconds from the first trouble; default 60,000.
   */
  readonly retryForMs?: number;
  /** Called after each request. What it throws ends the call. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Without it, documents of an answer are parsed by `JSON.parse`, which rounds
   * numbers. With it, each also has its exact text in `json`; one that has none was
   * changed by a pipe of the application, which saw its numbers as doubles. Of a
   * document that is cut to some fields, the engine makes decimals doubles before.
   */
  readonly numbers?: NumberMode;
  /**
   * Stops the sending. The call is rejected with a `BatchError` named
   * `AbortError` whose `cause` is the signal's reason.
   */
  readonly signal?: AbortSignal;
}

/** @public */
export interface GetOptions extends CallOptions {
  /** for the documents that name none; without, all collections of the index */
  readonly collection?: string;
  /** false: none; a list: these fields, `*` allowed; default: all of it */
  readonly source?: boolean | readonly string[];
  readonly sourceExcludes?: readonly string[];
  /** reject unless every document is found */
  readonly strict?: boolean;
}

/** @public */
export interface FoundOptions extends Omit<GetOptions, "strict"> {
  /** called with each id that is missing; default: they are skipped */
  readonly onNotFound?: (notFound: readonly RequestedDocument[]) => void;
  /** called with what could not be read; default: the first one ends the iteration */
  readonly onErrors?: (errors: readonly GetError[]) => void;
}

/** @public */
export interface WritingOptions extends CallOptions {
  readonly refresh?: "wait_for" | "false";
  /**
   * An invalid document stops its request before anything of it is
   * written, and no further request is sent.
   */
  readonly strict?: boolean;
  /**
   * Makes the whole call repeatable: the same documents under the same key, by the
   * same user within 24 hours, are written once. For users who are logged in.
   */
  readonly idempotencyKey?: string;
}

/** @public */
export interface WriteOptions extends WritingOptions {
  /** tell the collection's subscribers; default false */
  readonly notify?: boolean;
  /** put the sources into the answer; default true */
  readonly source?: boolean;
  /** all documents or none; they have to fit into one request */
  readonly atomic?: boolean;
}

/** @public */
export interface UpdateOptions extends WritingOptions {
  readonly retryOnConflict?: number;
  /** do not tell the collection's subscribers; default false */
  readonly silent?: boolean;
  /** put the updated sources into the answer; default false */
  readonly source?: boolean;
}

/** @public */
export interface BatchWriteOptions extends UpdateOptions {
  /** of the operations that name none */
  readonly collection?: string;
  /** all operations or none; they have to fit into one request */
  readonly atomic?: boolean;
}

/** @public */
export interface WriteStreamOptions<T extends object> extends Omit<
  WriteOptions,
  "atomic"
> {
  /** default `mWrite` */
  readonly action?: "mWrite" | "mUpdate";
  /**
   * How long a document waits for others to fill its request; default: until the
   * request is full, or the stream closed.
   */
  readonly flushIntervalMs?: number;
  /** as for mUpdate */
  readonly retryOnConflict?: number;
  readonly silent?: boolean;
  /** called with failed documents, after each request; default: the first one ends the stream */
  readonly onErrors?: (errors: readonly WriteError[]) => void;
  /** called with the result of each request */
  readonly onResult?: (result: WriteStreamResult<T>) => void;
}

/** Of the requests that a writer sends; `source` is that of the writes. @public */
export interface WriterOptions extends Omit<
  BatchWriteOptions,
  "strict" | "atomic" | "idempotencyKey" | "onProgress"
> {
  readonly index: string;
  /** how long an operation waits for others to share its request; default 10 */
  readonly flushIntervalMs?: number;
  /** batches in flight at a time; default 8 */
  readonly concurrency?: number;
  /** documents that are sent without waiting for more; default 200 */
  readonly batchSize?: number;
  /** unsettled operations at which `ready` waits; default 2,000 */
  readonly maxPending?: number;
}

/** @public */
export interface LoaderOptions {
  readonly source?: boolean | readonly string[];
  readonly sourceExcludes?: readonly string[];
  /** as for the calls */
  readonly numbers?: NumberMode;
  /** reject what is not found, instead of null */
  readonly strict?: boolean;
}
