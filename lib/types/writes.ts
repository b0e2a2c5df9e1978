import type { DocumentVersion, Source, StoredDocument } from "./documents";
import type { Failure } from "./failures";

/** The operations on a document; Kuzzle has an action of its own for each. @public */
export type OperationName =
  | "create"
  | "createOrReplace"
  | "replace"
  | "write"
  | "update"
  | "upsert"
  | "delete";

/** A document as the caller sent it, for use in errors. @public */
export interface WriteInput {
  readonly _id: unknown;
  readonly body?: unknown;
  readonly json?: unknown;
  /** only for an upsert */
  readonly changes?: unknown;
  readonly default?: unknown;
  readonly defaultJson?: unknown;
}

/** An entry of a write's `errors`. @public */
export interface WriteError extends Failure {
  /** only for a batchWrite, as far as the request names them */
  readonly op?: OperationName;
  readonly collection?: unknown;
  readonly document: WriteInput;
  readonly position: number;
}

/** An entry of an mWrite's `successes`. @public */
export interface WrittenDocument<
  Content = Source,
> extends StoredDocument<Content> {
  readonly created: boolean;
  readonly position: number;
}

/** How many copies of a document were written. @public */
export interface Shards {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
}

/** An entry of an mUpdate's `successes`. @public */
export interface UpdatedDocument<Content = Source> extends DocumentVersion {
  readonly _id: string;
  readonly _shards: Shards;
  readonly result: string;
  /** how often the document was sent; 1 if it succeeded at once */
  readonly attempts: number;
  readonly position: number;
  readonly _source?: Content;
  /**
   * in a response with `json`: the text that Elasticsearch holds, instead of `_source`
   */
  readonly json?: string;
}

/** An entry of a batchWrite's `results`. @public */
export interface OperationResult<Content = Source> extends DocumentVersion {
  readonly position: number;
  readonly op: OperationName;
  readonly collection: string;
  readonly _id: string;
  /** Elasticsearch's HTTP status of this item */
  readonly status: number;
  /** created, updated, deleted or noop */
  readonly result: string;
  /** how often the operation was sent; 1 if it succeeded at once */
  readonly attempts: number;
  readonly _source?: Content;
  /**
   * in a response with `json`: the text that Elasticsearch holds, instead of `_source`
   */
  readonly json?: string;
}
