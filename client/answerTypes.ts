/** What the client's methods return. Lists cover all requests of a call. */
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
import type {
  RequestedDocument,
  InCollection,
  OperationInputs,
  Source,
} from "./inputTypes";

/**
 * Sums over a call's requests; `requested`, `unique`, `duplicates` are of the caller's
 * list.
 *
 * @public
 */
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
  /** as requested: an address if the request named a collection with the id */
  readonly not_found: (string | Address)[];
  readonly errors: GetError[];
  /** documents that were not requested; empty except in the partial result of an error */
  readonly unprocessed: RequestedDocument[];
  readonly stats: CallStats;
}

/** @public */
export interface BatchWriteResult<Document = WrittenDocument> {
  readonly successes: Document[];
  readonly errors: WriteError[];
  /** only for an atomic call */
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
  /** only for an atomic call */
  readonly atomic?: BatchWriteResult["atomic"];
  readonly stats: CallStats;
}

/** Result of one request of a stream. Positions count from the stream's start. @public */
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
   * @returns the document, or null if it does not exist. Callers who request the same
   *   document receive the same object.
   * @throws {BatchError} for this document alone
   */
  get<T extends object = Source>(
    index: string,
    collection: string,
    _id: string,
  ): Promise<FoundDocument<T> | null>;
  /** Clears the cache, or removes one document from it. */
  clear(): void;
  clear(index: string, collection: string, _id: string): void;
}

/** What an operation of a writer did. @public */
export type WriterResult<T extends object = Source> = Omit<
  OperationResult<T>,
  "position"
>;

/**
 * Collects single operations into requests. Each promise settles with the outcome of
 * its own document. Operations on the same document are executed in the order of the
 * calls, and a `get` returns the document as the writes before it left it.
 *
 * Every promise rejects with a `BatchError`: if the document itself failed, `errors[0]`
 * gives the reason; if nothing was done, `unprocessed` is `[0]`.
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
  /** @returns the document, or null if it does not exist */
  get<T extends object = Source>(
    document: InCollection & { readonly _id: string },
  ): Promise<FoundDocument<T> | null>;
  /** Resolves when fewer than `maxPending` operations are pending. */
  readonly ready: Promise<void>;
  /**
   * Sends what has been collected. Resolves when all operations given so far are done.
   * Never rejects: failures reject the promises of their own operations.
   */
  flush(): Promise<void>;
  /** Flushes, and rejects every later operation. */
  close(): Promise<void>;
}

/** The server's limits, by which the client splits calls into requests. @public */
export type RequestLimits = ServerLimits;
