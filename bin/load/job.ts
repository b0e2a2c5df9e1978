import type { InputOptions } from "../input/format";
import type { DocumentRow } from "../input/rows";
import type { Counts } from "./Checkpoint";
import type { ChunkLimits } from "./Chunker";
import type { LoadEvents } from "./Committer";
import type { PumpEnd } from "./pump";
import type { Target } from "./Sender";

/** An import, or an update, of the rows of one input. */
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
  /** what the server takes in one request */
  readonly limits: ChunkLimits;
  readonly retryForMs: number;
  /** sends what has come when the input pauses for so long */
  readonly flushEveryMs: number | undefined;
  /** documents in a second at most */
  readonly rate: number | undefined;
  /** ids beyond so many are not compared with later ones */
  readonly rememberedIds: number;
  /** whether an input without rows is fine */
  readonly allowEmpty: boolean;
}

export interface LoadReport extends LoadEvents {
  /** in a dry run, called with what would be sent */
  onDocuments?(documents: readonly DocumentRow[]): void;
  /** the input is open: from here on there is progress */
  onBegin(input: Progress, from: Counts, fromOffset: number): void;
  onNote(text: string): void;
}

/** How much of the input is read: it is ahead of what is sent. */
export interface Progress {
  readonly totalBytes: number | undefined;
  readonly readBytes: number;
  /** what has been unpacked of that */
  readonly unpackedBytes: number;
}

export interface LoadResult {
  readonly end: PumpEnd | "already complete";
  readonly counts: Counts;
}
