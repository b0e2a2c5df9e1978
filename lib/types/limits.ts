/**
 * What a request and its response may hold on this server, in whole numbers. @public
 */
export interface ServerLimits {
  /**
   * Kuzzle's `server.maxRequestSize`: limits the body over HTTP, the whole message
   * elsewhere
   */
  readonly maxRequestBytes: number;
  /** ids of a batchGet */
  readonly documentsFetchCount: number;
  /** documents of an mUpdate */
  readonly documentsWriteCount: number;
  /** ids without a collection, multiplied by the collections of the index */
  readonly maxLookups: number;
  /** size of the documents in a batchGet response; the rest is `unprocessed` */
  readonly maxResponseBytes: number;
  readonly atomicMaxDocuments: number;
  readonly atomicMaxBytes: number;
}
