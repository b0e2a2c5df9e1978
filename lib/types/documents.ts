/** Where a document lives. @public */
export interface Address {
  readonly collection: string;
  readonly _id: string;
}

/** A document's content, as Kuzzle users write it. @public */
export type Source = Record<string, unknown>;

/** Which state of a document it is: a condition of a later write may name it. @public */
export interface DocumentVersion {
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

/** What Elasticsearch holds at an address. @public */
export interface StoredDocument<Content = Source> extends DocumentVersion {
  readonly _id: string;
  readonly _source?: Content;
  /** in an answer with `json`: the text that Elasticsearch holds, in place of `_source` */
  readonly json?: string;
}
