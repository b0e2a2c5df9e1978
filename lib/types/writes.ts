import type { DocumentVersion, Source, StoredDocument } from "./documents";
import type { Failure } from "./failures";

/** A document of a request as the caller sent it, for the errors. @public */
export interface WriteInput {
  readonly _id: unknown;
  readonly body?: unknown;
  readonly json?: unknown;
}

/** An entry of a write's `errors`. @public */
export interface WriteError extends Failure {
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
  /** Elasticsearch's HTTP status of this item */
  readonly status: number;
  /** how often the document was sent: 1 when nothing was in the way */
  readonly attempts: number;
  readonly position: number;
  readonly _source?: Content;
  /** in an answer with `json`: the text that Elasticsearch holds, in place of `_source` */
  readonly json?: string;
}
