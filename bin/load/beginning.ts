import { randomBytes } from "node:crypto";

import type { Connection } from "../connection/connection";
import { UsageError } from "../usage";
import {
  assertSameJob,
  type CheckpointState,
  readCheckpoint,
} from "./Checkpoint";
import type { ChunkLimits } from "./Chunker";
import type { LoadJob, LoadReport } from "./job";

/** Where an earlier run has come to, or the very beginning. */
export function initialState(
  job: LoadJob,
  connection: Connection | undefined,
  report: LoadReport,
): { begin: CheckpointState; isResumed: boolean } {
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
    return { begin: now, isResumed: false };
  }
  assertSameJob(known, now.job, checkpointFile);
  assertFits(known, job.limits);
  if (known.server !== now.server) {
    report.onNote(
      `The checkpoint was begun on ${known.server}, this is ${now.server}.`,
    );
  }
  return { begin: known, isResumed: true };
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
