/** How far an import has come: what is in the checkpoint file, as JSON. */
export interface CheckpointState {
  readonly version: 1;
  /** ids and idempotency keys are made of it */
  readonly runId: string;
  /** what the import is: the same when it is resumed */
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
  /** bytes of the unpacked input */
  readonly offset: number;
  readonly rows: number;
  /** of the input's bytes up to the offset */
  readonly digest: string;
}

export interface Counts {
  readonly done: number;
  readonly rejected: number;
}
