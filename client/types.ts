/**
 * What the client's methods take and answer. The shapes are those of the actions;
 * lists cover all the requests that a call was split into, and positions are those
 * of the caller's own list.
 */
import type {
  Address,
  FoundDocument as Found,
  GetError,
  OperationResult as Result,
  ServerLimits,
  Stats,
  UpdatedDocument as Updated,
  WriteError,
  WrittenDocument as Written,
} from "../lib/types";

export type {
  Address,
  FailureCode,
  GetError,
  OperationName,
  ServerLimits,
  WriteError,
} from "../lib/types";

// ------------------------------------------------------------- options

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

// --------------------------------------------------------------- input

/**
 * A list, or anything else that can be gone through. The list has a case of its own for
 * the compiler's sake: of a wrong key in one it says just that.
 *
 * @public
 */
export type Items<Item> = readonly Item[] | Iterable<Item>;

/** @public */
export type RequestedDocument =
  string | { readonly _id: string; readonly collection?: string };

/**
 * The content of a document: an object, in which integers beyond 2^53 may be BigInt,
 * or JSON text, which is written byte for byte.
 *
 * @public
 */
export type Content<Body> =
  | { readonly body: Body; readonly json?: undefined }
  | { readonly json: string; readonly body?: undefined };

/** A document to create or replace. Without `_id` it is given one. @public */
export type WriteInput<T extends object = Source> = WriteTarget & Content<T>;

/** A document to change a part of. @public */
export type UpdateInput<T extends object = Source> = UpdateTarget &
  Content<Partial<T>>;

/** @public */
export interface WriteTarget {
  readonly _id?: string | undefined;
  /** only where there is none yet */
  readonly ifAbsent?: boolean | undefined;
  /** only where it is still as it was seen; both, or none */
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
}

/** @public */
export interface UpdateTarget {
  readonly _id: string;
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
}

/** Where an operation of a batchWrite is done. @public */
export interface InCollection {
  readonly collection?: string | undefined;
}

/** @public */
export interface UpsertInput<T extends object = Source> {
  readonly _id: string;
  readonly changes: Partial<T>;
  /** additional fields for a new document */
  readonly default?: Partial<T> | undefined;
}

/** What each operation takes. @public */
export interface OperationInputs<T extends object = Source> {
  readonly create: InCollection & Pick<WriteTarget, "_id"> & Content<T>;
  readonly createOrReplace: InCollection &
    Omit<WriteTarget, "ifAbsent"> &
    Content<T>;
  readonly replace: InCollection & UpdateTarget & Content<T>;
  readonly write: InCollection & WriteInput<T>;
  readonly update: InCollection & UpdateInput<T>;
  readonly upsert: InCollection & UpsertInput<T>;
  readonly delete: InCollection & UpdateTarget;
}

/** One operation of a batchWrite: one of these keys. @public */
export type Operation<T extends object = Source> =
  | { readonly create: OperationInputs<T>["create"] }
  | { readonly createOrReplace: OperationInputs<T>["createOrReplace"] }
  | { readonly replace: OperationInputs<T>["replace"] }
  | { readonly write: OperationInputs<T>["write"] }
  | { readonly update: OperationInputs<T>["update"] }
  | { readonly upsert: OperationInputs<T>["upsert"] }
  | { readonly delete: OperationInputs<T>["delete"] };

/** A document's content, where nothing is known of it. @public */
export type Source = Record<string, unknown>;

// -------------------------------------------------------------- answers

/** Sums over the requests of a call; `requested`, `unique`, `duplicates` are the caller's. @public */
export interface CallStats extends Stats {
  /** requests that were answered */
  requests: number;
}

type With<Document, T> = Omit<Document, "_source"> & { readonly _source: T };
type Without<Document> = Omit<Document, "_source">;

/** @public */
export type FoundDocument<T extends object = Source> = With<Found, T>;
/** @public */
export type FoundWithoutSource = Without<Found>;
/** @public */
export type WrittenDocument<T extends object = Source> = With<Written, T>;
/** @public */
export type WrittenWithoutSource = Without<Written>;
/** @public */
export type UpdatedDocument<T extends object = Source> = With<
  Omit<Updated, "status">,
  T
>;
/** @public */
export type UpdatedWithoutSource = Without<Omit<Updated, "status">>;

/** @public */
export interface BatchGetResult<Document = FoundDocument> {
  readonly documents: Document[];
  /** as asked; an address where the request named a collection with the id */
  readonly not_found: (string | Address)[];
  readonly errors: GetError[];
  /** empty, but for the partial result of an error: what was not asked for */
  readonly unprocessed: RequestedDocument[];
  readonly stats: CallStats;
}

/** @public */
export interface BatchWriteResult<Document = WrittenDocument> {
  readonly successes: Document[];
  readonly errors: WriteError[];
  /** of an atomic call */
  readonly atomic?: { readonly state: "committed"; readonly journalId: string };
  readonly stats: CallStats;
}

/** @public */
export type BatchUpdateResult<Document = UpdatedWithoutSource> = Omit<
  BatchWriteResult<Document>,
  "atomic"
>;

/** @public */
export type OperationResult<T extends object = Source> = Without<Result> & {
  readonly _source?: T;
};

/** @public */
export interface BatchOperationsResult<T extends object = Source> {
  readonly results: OperationResult<T>[];
  readonly errors: WriteError[];
  /** of an atomic call */
  readonly atomic?: BatchWriteResult["atomic"];
  readonly stats: CallStats;
}

/** Of one request of a stream; positions count from the stream's start. @public */
export interface WriteStreamResult<T extends object = Source> {
  readonly successes: (
    | WrittenDocument<T>
    | WrittenWithoutSource
    | UpdatedDocument<T>
    | UpdatedWithoutSource
  )[];
  readonly errors: WriteError[];
}

/** @public */
export interface Loader {
  /**
   * @returns the document, or null where there is none. Callers who ask for the
   * same document are given the same object.
   * @throws {BatchError} for this document alone
   */
  get<T extends object = Source>(
    index: string,
    collection: string,
    _id: string,
  ): Promise<FoundDocument<T> | null>;
  /** Forgets all that was loaded, or one document. */
  clear(): void;
  clear(index: string, collection: string, _id: string): void;
}

/** What an operation of a writer has done. @public */
export type WriterResult<T extends object = Source> = Omit<
  OperationResult<T>,
  "position"
>;

/**
 * Collects single operations into requests. Each promise settles with the outcome of
 * its own document. Operations on one document are done in the order of the calls,
 * and a `get` answers what the writes before it have left.
 *
 * Every promise rejects with a `BatchError`: where the document itself failed,
 * `errors[0]` says why; where nothing was done, `unprocessed` is `[0]`.
 *
 * @public
 */
export interface Writer {
  create<T extends object = Source>(
    document: OperationInputs<T>["create"],
  ): Promise<WriterResult<T>>;
  createOrReplace<T extends object = Source>(
    document: OperationInputs<T>["createOrReplace"],
  ): Promise<WriterResult<T>>;
  replace<T extends object = Source>(
    document: OperationInputs<T>["replace"],
  ): Promise<WriterResult<T>>;
  write<T extends object = Source>(
    document: OperationInputs<T>["write"],
  ): Promise<WriterResult<T>>;
  update<T extends object = Source>(
    document: OperationInputs<T>["update"],
  ): Promise<WriterResult<T>>;
  upsert<T extends object = Source>(
    document: OperationInputs<T>["upsert"],
  ): Promise<WriterResult<T>>;
  delete(document: OperationInputs["delete"]): Promise<WriterResult>;
  /** @returns the document, or null where there is none */
  get<T extends object = Source>(
    document: InCollection & { readonly _id: string },
  ): Promise<FoundDocument<T> | null>;
  /** Resolves when fewer than `maxPending` operations are unsettled. */
  readonly ready: Promise<void>;
  /**
   * Sends what has been collected. Resolves when all operations given so far are
   * done, and never rejects: failures belong to the operations' own promises.
   */
  flush(): Promise<void>;
  /** As `flush`, and rejects every later operation. */
  close(): Promise<void>;
}

/** What the client asks of the server before it cuts requests. @public */
export type RequestLimits = ServerLimits;
