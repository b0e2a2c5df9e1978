import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import type { Connection } from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { writeState } from "../files";
import { Getter, type GetOutcome } from "../get/Getter";
import { compressionOf } from "../output/compression";
import { OutputFile } from "../output/OutputFile";
import { IdList, type ListedId } from "../search/IdList";
import { listIds } from "../search/listIds";
import { Interrupted } from "../usage";
import { columnsOf } from "./columns";
import type { DocumentWriter } from "./DocumentWriter";
import { inOrder } from "./inOrder";
import type { ExportJob, ExportReport, ExportResult } from "./job";
import { RequestSize } from "./RequestSize";
import { type ExportState, initialState } from "./state";
import { exportedDocument, newWriter } from "./writers";

const SAVE_EVERY_MS = 1_000;

/**
 * Finds the ids of the documents in one search, and then reads the documents in that
 * order. Each document that exists throughout is thus exported once, whatever others
 * write meanwhile, in the state in which it is read.
 *
 * @throws UsageError, ApiError before anything is written
 * @throws ServerGone in the middle: the checkpoint remains valid
 */
export async function exportDocuments(
  job: ExportJob,
  connection: Connection,
  reliable: ReliableConnection,
  report: ExportReport,
  signal: AbortSignal,
): Promise<ExportResult> {
  const { state } = initialState(job, connection.server);
  if (state.complete) {
    const { counts, leftOut } = state;
    return { end: "already complete", counts, leftOut };
  }
  const { file, remove } = await fileForIds(job);
  try {
    const known = state.ids;
    const ids = known
      ? new IdList(file, known.count, known.bytes)
      : await listIds(file, connection, reliable, job, report, signal);
    const run = await ExportRun.open(job, reliable, report, {
      ...state,
      ids: { count: ids.count, bytes: ids.bytes },
      columns: known ? state.columns : await columnsOf(job, reliable),
    });
    const result = await run.write(ids, signal);
    if (result.end === "all") await ids.remove();
    return result;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return { end: "signal", counts: state.counts, leftOut: [] };
  } finally {
    await remove();
  }
}

/** Next to the checkpoint, if there is one: the ids are needed to resume. */
async function fileForIds({ checkpointFile }: ExportJob) {
  if (checkpointFile !== undefined) {
    return { file: `${checkpointFile}.ids`, remove: async () => undefined };
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), "kuzzle-batch-"));
  return {
    file: path.join(folder, "ids"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

class ExportRun {
  private readonly getter: Getter;
  private readonly size: RequestSize;
  private savedAt = 0;

  private constructor(
    private readonly job: ExportJob,
    reliable: ReliableConnection,
    private readonly report: ExportReport,
    private state: ExportState,
    private readonly writer: DocumentWriter,
    private readonly output: OutputFile,
  ) {
    const { place, fields, maxRequestIds } = job;
    const args = fields && { source: fields.join(",") };
    this.getter = new Getter(reliable, { ...place, args: args ?? {} });
    this.size = new RequestSize(maxRequestIds);
  }

  static async open(
    job: ExportJob,
    reliable: ReliableConnection,
    report: ExportReport,
    state: ExportState,
  ): Promise<ExportRun> {
    const { format, delimiter, output } = job;
    const writer = newWriter(format, state.columns, delimiter);
    const file = await OutputFile.open(
      output,
      compressionOf(output),
      state.outputBytes,
    );
    const run = new ExportRun(job, reliable, report, state, writer, file);
    if (state.outputBytes === 0) await file.write(writer.begin());
    return run;
  }

  async write(ids: IdList, signal: AbortSignal): Promise<ExportResult> {
    const { job, report } = this;
    report.onListed(ids.count, this.state.position.row);
    try {
      const batches = inOrder(
        ids.read(this.state.position, () => this.size.ids, job.maxRequestBytes),
        job.concurrency,
        (batch) => this.get(batch),
        signal,
      );
      for await (const [batch, outcome] of batches) {
        await this.enter(batch, outcome);
      }
      const isAll = this.state.position.row === ids.count;
      if (isAll) {
        await this.output.write(this.writer.end(this.state.counts.exported));
      }
      await this.save(isAll);
      return { end: isAll ? "all" : "signal", ...this.outcome() };
    } catch (error) {
      // if it was the output that failed, the last checkpoint stays
      await this.save(false).catch(() => undefined);
      throw error;
    } finally {
      await this.output.close();
    }
  }

  private get(batch: readonly ListedId[]): Promise<GetOutcome> {
    return this.getter.get(
      batch.map(({ row, id }) => ({ line: row, _id: id })),
    );
  }

  private async enter(
    batch: readonly ListedId[],
    { found, notFound, errors }: GetOutcome,
  ): Promise<void> {
    const { counts } = this.state;
    let { exported } = counts;
    let text = "";
    for (const each of found) {
      text += this.writer.document(exportedDocument(each), exported === 0);
      exported += 1;
    }
    await this.output.write(text);
    this.size.learn(text.length, found.length);
    for (const line of errors) this.report.onError(line);
    const { row, end: offset } = batch.at(-1) as ListedId;
    this.state = {
      ...this.state,
      position: { offset, row },
      counts: {
        exported,
        deleted: counts.deleted + notFound.length,
        errors: counts.errors + errors.length,
      },
    };
    this.report.onProgress(row);
    if (performance.now() - this.savedAt >= SAVE_EVERY_MS) {
      await this.save(false);
    }
  }

  private async save(complete: boolean): Promise<void> {
    const { checkpointFile } = this.job;
    this.savedAt = performance.now();
    await this.output.flush();
    if (checkpointFile === undefined) return;
    await this.output.sync();
    const outputBytes = this.output.bytes;
    const { leftOut } = this.outcome();
    this.state = { ...this.state, outputBytes, leftOut, complete };
    await writeState(checkpointFile, this.state);
  }

  private outcome(): Omit<ExportResult, "end"> {
    const leftOut = new Set([...this.state.leftOut, ...this.writer.leftOut]);
    return { counts: this.state.counts, leftOut: [...leftOut] };
  }
}
