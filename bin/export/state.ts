import path from "node:path";

import { assertSameJob, readState } from "../files";
import type { ExportCounts, ExportJob } from "./job";

/** The progress of an export: the content of the checkpoint file, as JSON. */
export interface ExportState {
  readonly version: 1;
  readonly export: Readonly<Record<string, unknown>>;
  readonly server: string;
  /** the list of ids, once the search is over */
  readonly ids: { readonly count: number; readonly bytes: number } | null;
  /** of CSV: the header that was written */
  readonly columns: readonly string[];
  /** every document up to here is in the output */
  readonly position: { readonly offset: number; readonly row: number };
  readonly outputBytes: number;
  readonly counts: ExportCounts;
  readonly leftOut: readonly string[];
  readonly complete: boolean;
}

/** @throws UsageError for a checkpoint of another export */
export function initialState(
  job: ExportJob,
  server: string,
): { state: ExportState; isResumed: boolean } {
  const now: ExportState = {
    version: 1,
    export: identityOf(job),
    server,
    ids: null,
    columns: [],
    position: { offset: 0, row: 0 },
    outputBytes: 0,
    counts: { exported: 0, deleted: 0, errors: 0 },
    leftOut: [],
    complete: false,
  };
  const { checkpointFile } = job;
  const known =
    checkpointFile === undefined
      ? undefined
      : readState<ExportState>(
          checkpointFile,
          (state) => typeof state.export === "object",
        );
  if (known === undefined) return { state: now, isResumed: false };
  assertSameJob(known.export, now.export, String(checkpointFile));
  return { state: known, isResumed: true };
}

/** The options that determine what is written where. */
function identityOf(job: ExportJob): ExportState["export"] {
  const { place, search, format, delimiter, fields, output } = job;
  return {
    ...place,
    ...search,
    sort: search.sort ?? null,
    ...{ format, delimiter },
    fields: fields ?? null,
    output: path.resolve(output),
  };
}
