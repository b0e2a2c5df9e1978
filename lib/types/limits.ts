/** What a request and its answer may hold on this server, all of them whole numbers. @public */
export interface ServerLimits {
  /** Kuzzle's `server.maxRequestSize`: of a body over HTTP, else of a whole message */
  readonly maxRequestBytes: number;
  /** ids of a batchGet */
  readonly documentsFetchCount: number;
  /** documents of an mUpdate */
  readonly documentsWriteCount: number;
  /** ids without a collection, times the collections of the index */
  readonly maxLookups: number;
  /** documents of a batchGet's answer; the rest is `unprocessed` */
  readonly maxResponseBytes: number;
  readonly atomicMaxDocuments: number;
  readonly atomicMaxBytes: number;
}
