/** The settings that are whole numbers; see the configuration page. */
export type NumberSetting =
  | "readChunkDocuments"
  | "maxLookups"
  | "maxResponseBytes"
  | "writeChunkDocuments"
  | "writeChunkBytes"
  | "minConcurrency"
  | "maxConcurrency"
  | "maxQueueMs"
  | "maxRetries"
  | "retryBaseDelayMs"
  | "retryMaxDelayMs"
  | "engineTimeoutMs"
  | "atomicMaxDocuments"
  | "atomicMaxBytes"
  | "journalLeaseMs"
  | "journalTombstoneMs"
  | "journalTaskWaitMs"
  | "journalSweepMs";

/** What `plugins.batch` may contain in Kuzzle's configuration. @public */
export interface BatchPluginConfig extends Readonly<
  Partial<Record<NumberSetting, number>>
> {
  readonly strictByDefault?: boolean;
  readonly compat?: { readonly kuzzle1?: boolean; readonly mixpeek?: boolean };
  readonly native?: {
    readonly mGet?: boolean;
    readonly mWrite?: boolean;
    readonly metrics?: boolean;
  };
  readonly presign?: PresignSettings;
}

/**
 * The objects that `batch/documents:batchGet` may sign URLs for, and how it signs them.
 * @public
 */
export interface PresignSettings {
  readonly allow: readonly AllowedPrefix[];
  /** default: the endpoint of AWS */
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyle?: boolean;
  readonly expiresInSeconds?: number;
  /** how many objects may be signed for one request */
  readonly maxUrls?: number;
}

/** Where in the object storage the blobs of a collection's documents may be. @public */
export interface AllowedPrefix {
  readonly index: string;
  readonly collection: string;
  readonly bucket: string;
  /** ends with a slash; empty stands for the whole bucket */
  readonly prefix: string;
}
