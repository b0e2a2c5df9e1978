import { InputBrokenOff } from "../input/rawRow";
import type { Row } from "../input/rows";
import type { Chunk, Chunker } from "./Chunker";
import { type Committer, type ChunkResult, chunkResult } from "./Committer";
import { PAUSE, withPauses } from "./pauses";
import type { SendOutcome } from "./Sender";

export interface PumpParts {
  readonly rows: AsyncIterable<Row[]>;
  readonly chunker: Chunker;
  readonly digestUpTo: (offset: number) => string;
  readonly send: (chunk: Chunk) => Promise<SendOutcome>;
  readonly committer: Committer;
  /** how many chunks are under way at once */
  readonly concurrency: number;
  /** the first rejected row ends it */
  readonly strict: boolean;
  /** sends what has come when nothing more does for so long; undefined: never */
  readonly flushEveryMs: number | undefined;
  /** ends it: what is under way is waited for */
  readonly signal: AbortSignal;
}

/** How it ended; what went wrong is thrown. */
export type PumpEnd = "all" | "strict" | "signal";

/** Chunks that are sent, and wait for an earlier one to be entered. */
const AHEAD = 4;

/**
 * From rows to entries in the checkpoint: several chunks are under way at once,
 * and are entered one after the other.
 *
 * @throws what reading or sending has thrown, once nothing is under way and all
 *   that can be entered is
 */
export async function pump(parts: PumpParts): Promise<PumpEnd> {
  const { chunker, strict, signal, flushEveryMs } = parts;
  const rows = withPauses(parts.rows, flushEveryMs);
  const queue = new Queue(parts);
  let end: PumpEnd = "all";
  try {
    reading: for await (const some of rows) {
      if (some === PAUSE) {
        for (const chunk of chunker.close()) await queue.put(chunk);
        continue;
      }
      for (const row of some) {
        for (const chunk of chunker.add(row)) await queue.put(chunk);
        if (strict && row.kind === "rejected") end = "strict";
        if (end === "strict" || queue.isHalted) break reading;
      }
      if (signal.aborted) break;
    }
  } catch (error) {
    const isBrokenOff = error instanceof InputBrokenOff;
    // by the signal itself, or else what came before that is written all the same
    if (!isBrokenOff || !signal.aborted) queue.fail(error);
    if (!isBrokenOff) queue.halt();
  }
  if (signal.aborted) end = "signal";
  else if (queue.mayGoOn) {
    for (const last of chunker.close()) await queue.put(last);
  }
  await queue.drain();
  return end === "all" && queue.isStrictEnd ? "strict" : end;
}

class Queue {
  private readonly underWay = new Set<Promise<unknown>>();
  private waiting = 0;
  private entered: Promise<void> = Promise.resolve();
  private hasStopped = false;
  private failures: unknown[] = [];
  private strictEnd = false;

  constructor(private readonly parts: PumpParts) {}

  get isHalted(): boolean {
    return this.hasStopped || this.strictEnd || this.parts.signal.aborted;
  }

  /** The rest of what was read can be sent, though no more may be read. */
  get mayGoOn(): boolean {
    return !this.hasStopped && !this.strictEnd;
  }

  get isStrictEnd(): boolean {
    return this.strictEnd;
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }

  /** Nothing more is sent. */
  halt(): void {
    this.hasStopped = true;
  }

  /** Waits for a free place, and sends. */
  async put(chunk: Chunk): Promise<void> {
    const { concurrency, digestUpTo, send } = this.parts;
    const digest = digestUpTo(chunk.end);
    while (this.underWay.size >= concurrency) {
      await Promise.race(this.underWay);
    }
    while (this.waiting >= AHEAD * concurrency && !this.hasStopped) {
      await this.entered;
    }
    if (this.isHalted) return;
    const sent = send(chunk).then((outcome) =>
      chunkResult(chunk, digest, outcome),
    );
    const settled: Promise<unknown> = sent.then(
      () => this.underWay.delete(settled),
      () => {
        this.underWay.delete(settled);
        this.hasStopped = true;
      },
    );
    this.underWay.add(settled);
    this.waiting += 1;
    this.entered = this.entered.then(() => this.enter(sent));
  }

  async drain(): Promise<void> {
    await Promise.all(this.underWay);
    await this.entered;
    if (this.failures.length > 0) throw this.failures[0];
  }

  private async enter(sent: Promise<ChunkResult>): Promise<void> {
    const { committer, strict } = this.parts;
    try {
      const entry = await sent;
      // what comes after a chunk that failed is sent again another time
      if (this.failures.length > 0 && this.hasStopped) return;
      await committer.commit(entry);
      if (strict && entry.rejected.length > 0) this.strictEnd = true;
    } catch (error) {
      this.hasStopped = true;
      this.failures.push(error);
    } finally {
      this.waiting -= 1;
    }
  }
}
