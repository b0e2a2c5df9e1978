import { rm } from "node:fs/promises";

import type { Connection } from "../connection/connection";
import { Fingerprint } from "../input/Fingerprint";
import { IdSet } from "../input/IdSet";
import { RowReader } from "../input/RowReader";
import { Interrupted, UsageError } from "../usage";
import { initialState } from "./beginning";
import type { CheckpointState } from "./Checkpoint";
import { Chunker } from "./Chunker";
import { Committer } from "./Committer";
import type { LoadJob, LoadReport, LoadResult } from "./job";
import { newRows } from "./newRows";
import { pump } from "./pump";
import { RejectsFile } from "./RejectsFile";
import { Sending } from "./Sending";
import { BODY_BYTES, wrapBytes } from "./wrap";

/** How many times longer than a request a row may be to be kept when rejected. */
const ROW_BYTES = 4;

/**
 * @param connection undefined: nothing is sent, every document counts as done
 * @throws UsageError, InputError before anything is sent
 * @throws InputBrokenOff, ServerGone, ApiError in the middle: the checkpoint remains
 *   valid
 */
export async function load(
  job: LoadJob,
  connection: Connection | undefined,
  report: LoadReport,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { begin, isResumed } = initialState(job, connection, report);
  if (begin.complete) return { end: "already complete", counts: begin.counts };

  const { reader, fingerprint } = await openInput(job, begin, signal);
  const rejects = await openRejects(job, begin, isResumed);
  const { checkpointFile, rememberedIds } = job;
  const committer = new Committer({
    ...{ checkpointFile, rejects, events: report, begin },
    origin: () => reader.origin,
  });
  // before anything is sent, because the id of the run is needed to resume
  await committer.save(false).catch((error: Error) => {
    throw new UsageError(
      `The checkpoint ${checkpointFile} cannot be written: ${error.message}`,
    );
  });
  report.onBegin(reader, begin.counts, begin.position.offset);
  const ids = new IdSet(rememberedIds);
  const sending = new Sending(job, connection, begin.runId, report, signal);
  try {
    const end = await pump({
      rows: newRows(reader, ids, fingerprint, begin.position),
      chunker: new Chunker(begin.limits, job.target.wrap),
      digestUpTo: (offset) => fingerprint.digestUpTo(offset),
      send: (chunk) => sending.send(chunk.documents),
      committer,
      concurrency: job.concurrency,
      strict: job.strict,
      flushEveryMs: job.flushEveryMs,
      signal,
    });
    await committer.save(end === "all");
    if (end === "all" && committer.position.rows === 0 && !job.allowEmpty) {
      await removeTraces(job);
      throw new UsageError(
        "The input is empty: it has no rows. (--allow-empty: that is expected.)",
      );
    }
    if (ids.isFull) report.onNote(tooManyIds(rememberedIds));
    return { end, counts: committer.counts };
  } catch (error) {
    if (isResumed || sending.hasBegun) await committer.save(false);
    else await removeTraces(job);
    if (!(error instanceof Interrupted)) throw error;
    return { end: "signal", counts: committer.counts };
  } finally {
    await rejects?.close();
  }
}

async function openInput(
  { input, inputOptions, idField, target }: LoadJob,
  { limits, runId }: CheckpointState,
  signal: AbortSignal,
) {
  const maxRowBytes = ROW_BYTES * limits.maxBytes;
  const fingerprint = new Fingerprint(maxRowBytes);
  const rules = {
    idField,
    newId: target.assignsIds ? (row: number) => `${runId}-${row}` : undefined,
    mayLackBody: target.unset !== undefined,
    maxDocumentBytes: limits.maxBytes - BODY_BYTES - wrapBytes(target.wrap),
  };
  const reader = await RowReader.open(
    ...([
      input,
      inputOptions,
      rules,
      maxRowBytes,
      signal,
      fingerprint,
    ] as const),
  );
  return { reader, fingerprint };
}

async function openRejects(
  { rejectsFile }: LoadJob,
  { rejects }: CheckpointState,
  isResumed: boolean,
): Promise<RejectsFile | undefined> {
  if (rejectsFile === undefined) return undefined;
  return RejectsFile.open(rejectsFile, isResumed ? rejects.bytes : undefined);
}

/** The import did not start: the next run is the first, perhaps with other options. */
async function removeTraces(job: LoadJob): Promise<void> {
  for (const file of [job.checkpointFile, job.rejectsFile]) {
    if (file !== undefined) await rm(file, { force: true });
  }
}

function tooManyIds(remembered: number): string {
  return (
    `Only the first ${remembered} ids were compared: duplicates among later rows were not found. ` +
    "(--remember-ids sets how many are compared, in 13 bytes of memory each.)"
  );
}
