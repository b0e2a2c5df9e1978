/** The options of the client's methods. */
import type { GetError, WriteError } from "../lib/types";
import type { RequestedDocument } from "./inputTypes";
import type { WriteStreamResult } from "./answerTypes";

/** The progress of a call. All counts are numbers of documents. @public */
export interface Progress {
  /** documents whose outcome is known, including failed ones */
  readonly done: number;
  /** those of `done` that are in `errors` (or, for reads, in `not_found`) */
  readonly failed: number;
  /** undefined if the length of the input is not known in advance */
  readonly total: number | undefined;
}

/**
 * How to return numbers that a double cannot represent.
 *
 * - `bigint`: integers beyond 2^53 are BigInt; decimals are rounded to the nearest double
 * - `text`: integers beyond 2^53, and decimals that a double cannot represent, are
 *   strings of their digits
 *
 * @public
 */
export type NumberMode = "bigint" | "text";

/** Options of every call. @public */
export interface CallOptions {
  /** maximum number of requests in flight; default 4 */
  readonly concurrency?: number;
  /** maximum number of documents per request; default: as many as the server accepts */
  readonly batchSize?: number;
  /**
   * How long to keep sending a request again while the connection is lost or the server
   * rejects work, in milliseconds from the first failure; default 60,000.
   */
  readonly retryForMs?: number;
  /** Called after each request. An exception ends the call. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Without it, documents of a response are parsed by `JSON.parse`, which rounds
   * numbers. With it, each document also has its exact text in `json`. A document
   * without `json` was changed by a pipe of the application, which received its numbers
   * as doubles. If only some fields of a document are requested, Elasticsearch has
   * already converted its decimals to doubles.
   */
  readonly numbers?: NumberMode;
  /**
   * Stops sending. The call rejects with a `BatchError` named `AbortError` whose
   * `cause` is the signal's reason.
   */
  readonly signal?: AbortSignal;
}

/** @public */
export interface GetOptions extends CallOptions {
  /** collection of documents that name none; default: all collections of the index */
  readonly collection?: string;
  /** false: no content; a list: these fields, `*` allowed; default: the whole content */
  readonly source?: boolean | readonly string[];
  readonly sourceExcludes?: readonly string[];
  /** reject unless every document is found */
  readonly strict?: boolean;
}

/** @public */
export interface FoundOptions extends Omit<GetOptions, "strict"> {
  /** called with the ids that do not exist; default: they are skipped */
  readonly onNotFound?: (notFound: readonly RequestedDocument[]) => void;
  /**
   * called with documents that could not be read; default: the first error ends the
   * iteration
   */
  readonly onErrors?: (errors: readonly GetError[]) => void;
}

/** @public */
export interface WritingOptions extends CallOptions {
  readonly refresh?: "wait_for" | "false";
  /**
   * An invalid document stops its request before anything of it is written, and no
   * further requests are sent.
   */
  readonly strict?: boolean;
  /**
   * Makes the whole call repeatable: the same documents under the same key, sent by the
   * same user within 24 hours, are written once. Only for logged-in users.
   */
  readonly idempotencyKey?: string;
}

/** @public */
export interface WriteOptions extends WritingOptions {
  /** notify the collection's subscribers; default false */
  readonly notify?: boolean;
  /** return the sources; default true */
  readonly source?: boolean;
  /** write all documents or none; they must fit into one request */
  readonly atomic?: boolean;
}

/** @public */
export interface UpdateOptions extends WritingOptions {
  readonly retryOnConflict?: number;
  /** do not notify the collection's subscribers; default false */
  readonly silent?: boolean;
  /** return the updated sources; default false */
  readonly source?: boolean;
}

/** @public */
export interface BatchWriteOptions extends UpdateOptions {
  /** collection of operations that name none */
  readonly collection?: string;
  /** execute all operations or none; they must fit into one request */
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
   * How long a document waits for others to fill its request, in milliseconds; default:
   * until the request is full or the stream is closed.
   */
  readonly flushIntervalMs?: number;
  /** as for mUpdate */
  readonly retryOnConflict?: number;
  readonly silent?: boolean;
  /**
   * called with failed documents, after each request; default: the first failure ends
   * the stream
   */
  readonly onErrors?: (errors: readonly WriteError[]) => void;
  /** called with the result of each request */
  readonly onResult?: (result: WriteStreamResult<T>) => void;
}

/** Options of a writer's requests; `source` applies to the writes. @public */
export interface WriterOptions extends Omit<
  BatchWriteOptions,
  "strict" | "atomic" | "idempotencyKey" | "onProgress"
> {
  readonly index: string;
  /** milliseconds that an operation waits for others to share its request; default 10 */
  readonly flushIntervalMs?: number;
  /** maximum number of batches in flight; default 8 */
  readonly concurrency?: number;
  /** number of documents that are sent without waiting for more; default 200 */
  readonly batchSize?: number;
  /** number of pending operations at which `ready` waits; default 2,000 */
  readonly maxPending?: number;
}

/** @public */
export interface LoaderOptions {
  readonly source?: boolean | readonly string[];
  readonly sourceExcludes?: readonly string[];
  /** as for the calls */
  readonly numbers?: NumberMode;
  /** reject if the document is not found, instead of returning null */
  readonly strict?: boolean;
}
