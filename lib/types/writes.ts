import type { DocumentVersion, Source, StoredDocument } from "./documents";
import type { Failure } from "./failures";

/** What may be done to a document; each has an action of Kuzzle's own. @public */
export type OperationName =
  | "create"
  | "createOrReplace"
  | "replace"
  | "write"
  | "update"
  | "upsert"
  | "delete";

/** A document of a request as the caller sent it, for the errors. @public */
export interface WriteInput {
  readonly _id: unknown;
  readonly body?: unknown;
  readonly json?: unknown;
  /** these are of an upsert */
  readonly changes?: unknown;
  readonly default?: unknown;
  readonly defaultJson?: unknown;
}

/** An entry of a write's `errors`. @public */
export interface WriteError extends Failure {
  /** of a batchWrite, as far as the request names them */
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
  /** how often the document was sent: 1 when nothing was in the way */
  readonly attempts: number;
  readonly position: number;
  readonly _source?: Content;
  /** in an answer with `json`: the text that Elasticsearch holds, in place of `_source` */
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
  /** how often the operation was sent: 1 when nothing was in the way */
  readonly attempts: number;
  readonly _source?: Content;
  /** in an answer with `json`: the text that Elasticsearch holds, in place of `_source` */
  readonly json?: string;
}
