import type { InputOptions } from "../input/format";
import type { DocumentRow } from "../input/rows";
import type { Counts } from "./Checkpoint";
import type { ChunkLimits } from "./Chunker";
import type { LoadEvents } from "./Committer";
import type { PumpEnd } from "./pump";
import type { Target } from "./Sender";

/** An import or update of the rows of one input. */
export interface LoadJob {
  /** a file, or `-` */
  readonly input: string;
  readonly inputOptions: InputOptions;
  readonly idField: string | undefined;
  readonly target: Target;
  readonly strict: boolean;
  readonly concurrency: number;
  readonly rejectsFile: string | undefined;
  readonly checkpointFile: string | undefined;
  /** the server's limits for a request */
  readonly limits: ChunkLimits;
  readonly retryForMs: number;
  /** send what has been read if the input pauses for this long */
  readonly flushEveryMs: number | undefined;
  /** maximum number of documents per second */
  readonly rate: number | undefined;
  /** how many ids to remember for comparison with later ones */
  readonly rememberedIds: number;
  /** whether to accept an input without rows */
  readonly allowEmpty: boolean;
}

export interface LoadReport extends LoadEvents {
  /** in a dry run, called with what would be sent */
  onDocuments?(documents: readonly DocumentRow[]): void;
  /** called when the input is open: progress starts here */
  onBegin(input: Progress, from: Counts, fromOffset: number): void;
  onNote(text: string): void;
}

/** How much of the input has been read, which is ahead of what was sent. */
export interface Progress {
  readonly totalBytes: number | undefined;
  readonly readBytes: number;
  /** how much that is when decompressed */
  readonly unpackedBytes: number;
}

export interface LoadResult {
  readonly end: PumpEnd | "already complete";
  readonly counts: Counts;
}
