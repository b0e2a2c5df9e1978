import { randomBytes } from "node:crypto";
import path from "node:path";

import type { Connection } from "../connection/connection";
import { assertSameJob, readState } from "../files";
import { UsageError } from "../usage";
import type { CheckpointState } from "./Checkpoint";
import type { ChunkLimits } from "./Chunker";
import type { LoadJob, LoadReport } from "./job";
import { PLAIN } from "./wrap";

/** The state of an earlier run, or of a first one. */
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
    checkpointFile === undefined
      ? undefined
      : readState<CheckpointState>(
          checkpointFile,
          ({ runId }) => typeof runId === "string",
        );
  if (checkpointFile === undefined || known === undefined) {
    return { begin: now, isResumed: false };
  }
  assertSameJob(known.job, now.job, checkpointFile);
  assertFits(known, job.limits);
  if (known.server !== now.server) {
    report.onNote(
      `The checkpoint was started on ${known.server}; this is ${now.server}.`,
    );
  }
  return { begin: known, isResumed: true };
}

/** The options that determine which documents are written where. */
function identityOf(job: LoadJob): CheckpointState["job"] {
  const { target, input, inputOptions, idField, rejectsFile } = job;
  const { action, index, collection } = target;
  const { bare, delimiter, types, nested, path: arrayPath } = inputOptions;
  return {
    ...{ action, index, collection },
    ...(target.wrap !== PLAIN && { wrap: target.wrap }),
    ...(target.unset && { unset: target.unset.fields }),
    input: pathOf(input),
    ...{ bare, delimiter: delimiter ?? null },
    path: arrayPath ?? null,
    types: Object.fromEntries(types),
    ...(nested && { nested }),
    idField: idField ?? null,
    rejects: rejectsFile === undefined ? null : pathOf(rejectsFile),
  };
}

/** Equal for the same file, however it is named. */
function pathOf(name: string): string {
  return name === "-" ? name : path.resolve(name);
}

/** The server must accept the same requests as before, because they are sent again. */
function assertFits({ limits: then }: CheckpointState, now: ChunkLimits): void {
  if (then.maxBytes <= now.maxBytes && then.maxDocuments <= now.maxDocuments) {
    return;
  }
  throw new UsageError(
    `The checkpoint was started with requests of ${then.maxBytes} bytes and ${then.maxDocuments} documents; ` +
      `the server now accepts ${now.maxBytes} and ${now.maxDocuments}.`,
  );
}
