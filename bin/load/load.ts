import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";

import type { Connection } from "../connection/connection";
import { Persistent } from "../connection/Persistent";
import { Fingerprint } from "../input/Fingerprint";
import type { InputOptions } from "../input/format";
import { IdSet } from "../input/IdSet";
import { RowReader } from "../input/RowReader";
import { UsageError } from "../usage";
import {
  assertSameJob,
  type CheckpointState,
  type Counts,
  readCheckpoint,
} from "./Checkpoint";
import { BODY_BYTES, type ChunkLimits, Chunker } from "./Chunker";
import { Committer, type LoadEvents } from "./Committer";
import { newRows } from "./newRows";
import { pump, type PumpEnd } from "./pump";
import { RejectsFile } from "./RejectsFile";
import { Sender, type Target } from "./Sender";

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
  /** ids beyond so many are not compared with later ones */
  readonly rememberedIds: number;
}

export interface LoadReport extends LoadEvents {
  /** the input is open: from here on there is progress */
  onBegin(input: Progress, from: Counts): void;
  onNote(text: string): void;
}

/** How much of the input is read. */
export interface Progress {
  readonly totalBytes: number | undefined;
  readonly readBytes: number;
}

export interface LoadResult {
  readonly end: PumpEnd | "already complete";
  readonly counts: Counts;
}

/** A row may be so much longer than a request, and is still kept when rejected. */
const ROW_BYTES = 4;

/**
 * @param connection undefined: nothing is sent, every document counts as done
 * @throws UsageError, InputError before anything is sent
 * @throws InputBrokenOff, ServerGone, Interrupted, ApiError in the middle: what
 *   was entered in the checkpoint stays
 */
export async function load(
  job: LoadJob,
  connection: Connection | undefined,
  report: LoadReport,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { begin, isTakenUp } = beginning(job, connection, report);
  if (begin.complete) return { end: "already complete", counts: begin.counts };
  const { limits, position } = begin;

  const maxRowBytes = ROW_BYTES * limits.maxBytes;
  const fingerprint = new Fingerprint(maxRowBytes);
  const reader = await RowReader.open(
    job.input,
    job.inputOptions,
    {
      idField: job.idField,
      newId:
        job.target.action === "mWrite"
          ? (row) => `${begin.runId}-${row}`
          : undefined,
      maxDocumentBytes: limits.maxBytes - BODY_BYTES,
    },
    maxRowBytes,
    signal,
    fingerprint,
  );
  const rejects =
    job.rejectsFile === undefined
      ? undefined
      : await RejectsFile.open(
          job.rejectsFile,
          isTakenUp ? begin.rejects.bytes : undefined,
        );
  const { checkpointFile } = job;
  const committer = new Committer({
    ...{ checkpointFile, rejects, events: report, begin },
  });
  // before anything is sent: what is sent is found again by its run's id
  await committer.save(false).catch((error: Error) => {
    throw new UsageError(
      `The checkpoint ${checkpointFile} can't be written: ${error.message}`,
    );
  });
  report.onBegin(reader, begin.counts);
  const ids = new IdSet(job.rememberedIds);
  const send = sending(job, connection, begin.runId, report, signal);
  let hasSent = isTakenUp;
  try {
    const end = await pump({
      rows: newRows(reader, ids, fingerprint, position),
      chunker: new Chunker(limits),
      digestUpTo: (offset) => fingerprint.digestUpTo(offset),
      send: (chunk) => {
        hasSent = true;
        return send(chunk);
      },
      committer,
      concurrency: job.concurrency,
      strict: job.strict,
      signal,
    });
    await committer.save(end === "all");
    if (ids.isFull) report.onNote(tooManyIds(job.rememberedIds));
    return { end, counts: committer.counts };
  } catch (error) {
    if (hasSent) await committer.save(false);
    else await removeTraces(job);
    throw error;
  } finally {
    await rejects?.close();
  }
}

/** It has not begun: the next time is the first, with other options perhaps. */
async function removeTraces(job: LoadJob): Promise<void> {
  for (const file of [job.checkpointFile, job.rejectsFile]) {
    if (file !== undefined) await rm(file, { force: true });
  }
}

const SAME_OUTAGE_MS = 3_000;

function tooManyIds(remembered: number): string {
  return (
    `Only the first ${remembered} ids were compared: later rows may have repeated one another's. ` +
    "(--remember-ids: how many, in 13 bytes of memory each.)"
  );
}

/** Where an earlier run has come to, or the very beginning. */
function beginning(
  job: LoadJob,
  connection: Connection | undefined,
  report: LoadReport,
): { begin: CheckpointState; isTakenUp: boolean } {
  const { checkpointFile, rejectsFile } = job;
  const now: CheckpointState = {
    version: 1,
    runId: randomBytes(12).toString("hex"),
    job: identityOf(job),
    server: connection?.server ?? "",
    limits: job.limits,
    position: { offset: 0, rows: 0, digest: "" },
    rejects: { file: rejectsFile ?? null, bytes: 0 },
    counts: { done: 0, rejected: 0 },
    complete: false,
  };
  const known =
    checkpointFile === undefined ? undefined : readCheckpoint(checkpointFile);
  if (checkpointFile === undefined || known === undefined) {
    return { begin: now, isTakenUp: false };
  }
  assertSameJob(known, now.job, checkpointFile);
  assertFits(known, job.limits);
  if (known.server !== now.server) {
    report.onNote(
      `The checkpoint was begun on ${known.server}, this is ${now.server}.`,
    );
  }
  return { begin: known, isTakenUp: true };
}

/** What makes other documents, or sends them elsewhere. */
function identityOf(job: LoadJob): CheckpointState["job"] {
  const { target, input, inputOptions, idField, rejectsFile } = job;
  const { action, index, collection, args } = target;
  const { format, bare, delimiter, types } = inputOptions;
  return {
    ...{ action, index, collection, args },
    ...{ input, format, bare, delimiter: delimiter ?? null },
    types: Object.fromEntries(types),
    idField: idField ?? null,
    rejects: rejectsFile ?? null,
  };
}

/** The same requests as before have to be sent: the server has to take them. */
function assertFits({ limits: then }: CheckpointState, now: ChunkLimits): void {
  if (then.maxBytes <= now.maxBytes && then.maxDocuments <= now.maxDocuments) {
    return;
  }
  throw new UsageError(
    `The checkpoint was begun with requests of ${then.maxBytes} bytes and ${then.maxDocuments} documents; ` +
      `the server now takes ${now.maxBytes} and ${now.maxDocuments}.`,
  );
}

function sending(
  { target, retryForMs }: LoadJob,
  connection: Connection | undefined,
  runId: string,
  report: LoadReport,
  signal: AbortSignal,
) {
  if (connection === undefined) {
    return async ({ documents }: { documents: readonly unknown[] }) => ({
      done: documents.length,
      refused: new Map<number, never>(),
    });
  }
  let told = -Infinity;
  const onWait = (reason: string) => {
    // once for all requests that were under way
    if (performance.now() - told < SAME_OUTAGE_MS) return;
    told = performance.now();
    report.onNote(`${connection.server}: ${reason}. Trying again.`);
  };
  const persistent = new Persistent(connection, { retryForMs, onWait, signal });
  const sender = new Sender(connection, persistent, target, runId);
  return ({ documents }: { documents: Parameters<Sender["send"]>[0] }) =>
    sender.send(documents);
}
