/** Where a document lives. @public */
export interface Address {
  readonly collection: string;
  readonly _id: string;
}

/** A document's content, as Kuzzle users write it. @public */
export type Source = Record<string, unknown>;

/**
 * Identifies the state of a document, so that a later write can depend on it. @public
 */
export interface DocumentVersion {
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

/** A document as Elasticsearch holds it. @public */
export interface StoredDocument<Content = Source> extends DocumentVersion {
  readonly _id: string;
  readonly _source?: Content;
  /**
   * in a response with `json`: the text that Elasticsearch holds, instead of `_source`
   */
  readonly json?: string;
}
