import { rejectsHeader, type RejectsOrigin } from "../input/rejectsHeader";
import {
  membersOf,
  type Reject,
  type RejectedRow,
  rejectLine,
} from "../input/rows";
import { writeState } from "../files";
import type { CheckpointState, Counts, Position } from "./Checkpoint";
import type { Chunk } from "./Chunker";
import type { RejectsFile } from "./RejectsFile";
import type { SendOutcome } from "./Sender";

/** Called with the outcome of the rows. */
export interface LoadEvents {
  onRejected(reject: Reject): void;
  /** @param offset bytes of the decompressed input that are finished */
  onProgress(counts: Counts, offset: number): void;
}

export interface CommitterOptions {
  readonly checkpointFile: string | undefined;
  readonly rejects: RejectsFile | undefined;
  /** how the rows of the rejects file were read */
  readonly origin: () => RejectsOrigin;
  readonly events: LoadEvents;
  /** the state to continue from, to be saved before anything is sent */
  readonly begin: CheckpointState;
}

const SAVE_EVERY_MS = 250;

/**
 * Records the outcome of the chunks, in the order of the input: first in the rejects
 * file, then in the checkpoint. What is in the checkpoint never needs to be sent again;
 * the rest may have been sent.
 */
export class Committer {
  private state: CheckpointState;
  private savedAt: number;

  constructor(
    private readonly options: CommitterOptions,
    private readonly now: () => number = Date.now,
  ) {
    this.state = options.begin;
    this.savedAt = now();
  }

  get counts(): Counts {
    return this.state.counts;
  }

  get position(): Position {
    return this.state.position;
  }

  async commit({ position, done, rejected }: ChunkResult): Promise<void> {
    const { rejects, events } = this.options;
    await rejects?.append(
      rejected.map(({ members, reject }) => rejectLine(members, reject)),
      rejectsHeader(this.options.origin()),
    );
    const { counts } = this.state;
    this.state = {
      ...this.state,
      position,
      counts: {
        done: counts.done + done,
        rejected: counts.rejected + rejected.length,
      },
    };
    for (const { reject } of rejected) events.onRejected(reject);
    events.onProgress(this.state.counts, position.offset);
    if (this.now() - this.savedAt >= SAVE_EVERY_MS) await this.save(false);
  }

  async save(complete: boolean): Promise<void> {
    const { checkpointFile, rejects } = this.options;
    this.savedAt = this.now();
    await rejects?.sync();
    if (checkpointFile === undefined) return;
    const bytes = rejects?.bytes ?? 0;
    this.state = {
      ...this.state,
      rejects: { ...this.state.rejects, bytes },
      complete,
    };
    await writeState(checkpointFile, this.state);
  }
}

/** The outcome of a chunk, without its documents. */
export interface ChunkResult {
  readonly position: Position;
  readonly done: number;
  readonly rejected: RejectedRows;
}

type RejectedRows = ReadonlyArray<Pick<RejectedRow, "members" | "reject">>;

/** @param digest digest of the input up to the end of the chunk */
export function chunkResult(
  chunk: Chunk,
  digest: string,
  outcome: SendOutcome,
): ChunkResult {
  return {
    position: { offset: chunk.end, rows: chunk.rows, digest },
    done: outcome.done,
    rejected: inOrder(chunk, outcome),
  };
}

/** The rejected rows of a chunk, whether rejected here or by the server. */
function inOrder(
  { documents, rejected }: Chunk,
  { failed }: SendOutcome,
): RejectedRows {
  if (failed.size === 0) return rejected;
  const byServer = documents.flatMap(({ row, line, wire }) => {
    const error = failed.get(row);
    return error === undefined
      ? []
      : [{ members: membersOf(wire), reject: { line, row, ...error } }];
  });
  return [...rejected, ...byServer].sort(
    (one, other) => one.reject.row - other.reject.row,
  );
}
