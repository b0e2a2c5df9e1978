/** The settings that are whole numbers; see the page on the configuration. */
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

/** What may be under `plugins.batch` in Kuzzle's configuration. @public */
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

/** Which objects `batch/documents:batchGet` may sign URLs for, and how. @public */
export interface PresignSettings {
  readonly allow: readonly AllowedPrefix[];
  /** default: that of AWS */
  readonly endpoint?: string;
  readonly region?: string;
  readonly pathStyle?: boolean;
  readonly expiresInSeconds?: number;
  /** how many objects are signed for one request */
  readonly maxUrls?: number;
}

/** From where in the object storage a collection's documents may show blobs. @public */
export interface AllowedPrefix {
  readonly index: string;
  readonly collection: string;
  readonly bucket: string;
  /** ends with a slash, or is empty: the whole bucket */
  readonly prefix: string;
}
