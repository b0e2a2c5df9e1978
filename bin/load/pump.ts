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
  /** maximum number of chunks in flight */
  readonly concurrency: number;
  /** end at the first rejected row */
  readonly strict: boolean;
  /** send what has been read if nothing arrives for this long; undefined: never */
  readonly flushEveryMs: number | undefined;
  /** ends the run once chunks in flight are finished */
  readonly signal: AbortSignal;
}

/** How the run ended; errors are thrown instead. */
export type PumpEnd = "all" | "strict" | "signal";

/** How many chunks, per chunk in flight, may wait for an earlier one to be recorded. */
const AHEAD = 4;

/**
 * Sends rows and records them in the checkpoint: several chunks are in flight at a
 * time, and are recorded in order.
 *
 * @throws the error of reading or sending, once nothing is in flight and everything
 *   that can be recorded is
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
    // unless the signal caused it, what was read before the break is still written
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

  /** Whether what was read may still be sent, even if no more can be read. */
  get mayGoOn(): boolean {
    return !this.hasStopped && !this.strictEnd;
  }

  get isStrictEnd(): boolean {
    return this.strictEnd;
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }

  /** Stops sending. */
  halt(): void {
    this.hasStopped = true;
  }

  /** Waits for a free slot, and sends. */
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
      // chunks after a failed one are sent again in the next run
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
