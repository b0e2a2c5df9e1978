/** The progress of an import: the content of the checkpoint file, as JSON. */
export interface CheckpointState {
  readonly version: 1;
  /** ids and idempotency keys are derived from it */
  readonly runId: string;
  /** identifies the import: it must be the same when resumed */
  readonly job: Readonly<Record<string, unknown>>;
  readonly server: string;
  readonly limits: { readonly maxBytes: number; readonly maxDocuments: number };
  readonly position: Position;
  readonly rejects: { readonly file: string | null; readonly bytes: number };
  readonly counts: Counts;
  readonly complete: boolean;
}

/** Every row up to here is written, or is in the rejects file. */
export interface Position {
  /** bytes of the decompressed input */
  readonly offset: number;
  readonly rows: number;
  /** digest of the input's bytes up to the offset */
  readonly digest: string;
}

export interface Counts {
  readonly done: number;
  readonly rejected: number;
}
