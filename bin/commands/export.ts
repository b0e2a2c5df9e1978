import { writeFile } from "node:fs/promises";
import path from "node:path";

import { askLimits, lesser, openConnection } from "../connection/open";
import { ReliableConnection } from "../connection/ReliableConnection";
import { exportDocuments } from "../export/exportDocuments";
import type { ExportJob, ExportReport, ExportResult } from "../export/job";
import type { ExportFormat } from "../export/writers";
import { OWNER_ONLY } from "../files";
import type { ConnectionFlags } from "../options";
import { plainName } from "../output/compression";
import { CountProgress } from "../output/CountProgress";
import { oneLine, type Terminal } from "../output/Terminal";
import { goOn, number } from "../output/words";
import { mappingsOf } from "../search/mappings";
import { type SearchQuery, readQuery } from "../search/query";
import { EXIT, type ExitCode, UsageError } from "../usage";

export interface ExportFlags extends ConnectionFlags {
  readonly query?: string;
  readonly lang: SearchQuery["lang"];
  readonly sort?: readonly object[];
  readonly fields?: readonly string[];
  readonly format?: ExportFormat;
  readonly delimiter?: string;
  readonly mappings?: string;
  readonly checkpoint?: string;
  readonly failOnEmpty: boolean;
  readonly concurrency: number;
  readonly retryFor: number;
  readonly maxRequestBytes?: number;
  readonly maxRequestDocuments?: number;
}

const SHOWN_ERRORS = 10;

/** Exports the documents of a collection, and returns the exit code. */
export async function runExport(
  [index, collection, output]: readonly [string, string, string],
  flags: ExportFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const place = { index, collection };
  const format = flags.format ?? formatOf(output);
  assertSound(output, format, flags);
  const search: SearchQuery = {
    query: readQuery(flags.query),
    ...{ lang: flags.lang, sort: flags.sort },
  };
  const connection = await openConnection(flags, terminal);
  try {
    const limits = await askLimits(connection, flags);
    const { maxRequestBytes } = limits;
    const bytes =
      lesser(maxRequestBytes, flags.maxRequestBytes, "--max-request-bytes") -
      connection.envelopeBytes;
    const { documentsFetchCount } = limits;
    const job: ExportJob = {
      ...{ place, search, format, output, fields: flags.fields },
      delimiter: flags.delimiter ?? (isTsv(output) ? "\t" : ","),
      checkpointFile: flags.checkpoint,
      concurrency: flags.concurrency,
      maxRequestIds: Math.min(
        documentsFetchCount,
        flags.maxRequestDocuments ?? REQUEST_IDS,
      ),
      maxRequestBytes: bytes - BODY_BYTES,
      maxPageIds: documentsFetchCount,
    };
    const reliable = new ReliableConnection(connection, {
      retryForMs: flags.retryFor * 1000,
      onWait: (reason) =>
        terminal.line(`${connection.server}: ${reason}. Retrying.`),
      signal,
    });
    if (flags.mappings !== undefined) {
      await writeMappings(flags.mappings, await mappingsOf(reliable, place));
    }
    const progress = new CountProgress(terminal, "exported");
    await progress.prepare();
    const report = reportTo(terminal, progress);
    progress.begin();
    let result: ExportResult;
    try {
      result = await exportDocuments(job, connection, reliable, report, signal);
    } finally {
      progress.stop();
    }
    return conclude(result, output, flags, terminal, progress);
  } finally {
    connection.close();
  }
}

/** `{"ids":[` and `]}` */
const BODY_BYTES = 16;
/** Maximum number of ids per request, however small the documents are. */
const REQUEST_IDS = 1_000;

function reportTo(terminal: Terminal, progress: CountProgress): ExportReport {
  let errors = 0;
  return {
    onFound: (count) => progress.found(count),
    onListed: (total, done) => progress.resume(total, done),
    onProgress: (done) => progress.update(done),
    onNote: (text) => terminal.line(text),
    onError(line) {
      errors += 1;
      if (errors <= SHOWN_ERRORS) terminal.line(`error: ${oneLine(line)}`);
    },
  };
}

function conclude(
  { end, counts, leftOut }: ExportResult,
  output: string,
  flags: ExportFlags,
  terminal: Terminal,
  progress: CountProgress,
): ExitCode {
  const { exported, deleted, errors } = counts;
  const gone = deleted > 0 ? `, ${number(deleted)} deleted meanwhile` : "";
  terminal.summary(
    end === "already complete"
      ? `The checkpoint ${flags.checkpoint} is complete: nothing was read. Remove it to start over.`
      : `${number(exported)} exported, ${number(errors)} errors${gone} ${progress.pace()}`,
    flags.json && { command: "export", ...counts, end },
    output === "-",
  );
  if (end === "signal") {
    terminal.line(goOn(flags.checkpoint));
    return EXIT.interrupted;
  }
  if (leftOut.length > 0 && flags.fields === undefined) {
    terminal.line(
      `Some documents have fields that are not in the mappings, and have no column: ${leftOut.join(", ")}. Name the columns with --fields.`,
    );
    return EXIT.incomplete;
  }
  const isEmpty = flags.failOnEmpty && exported === 0;
  if (isEmpty) terminal.line("No documents found (--fail-on-empty).");
  return errors > 0 || isEmpty ? EXIT.incomplete : EXIT.done;
}

function assertSound(
  output: string,
  format: ExportFormat,
  { checkpoint, delimiter, mappings, fields = [] }: ExportFlags,
): void {
  if (checkpoint !== undefined && output === "-") {
    throw new UsageError("--checkpoint needs an output file.");
  }
  if (delimiter !== undefined && format !== "csv") {
    throw new UsageError("--delimiter applies to CSV only.");
  }
  const wildcard = fields.find((field) => field.includes("*"));
  if (format === "csv" && wildcard !== undefined) {
    throw new UsageError(`A CSV column is a single field, not ${wildcard}.`);
  }
  const names = [output, checkpoint, mappings].filter(
    (name) => name !== undefined && name !== "-",
  );
  if (new Set(names).size < names.length) {
    throw new UsageError(
      "The output, --checkpoint and --mappings must be different files.",
    );
  }
}

/**
 * The format by the name of the output; NDJSON without an extension.
 *
 * @throws UsageError for an extension of another format
 */
function formatOf(output: string): ExportFormat {
  const extension = path.extname(plainName(output)).slice(1).toLowerCase();
  const format = FORMATS.get(extension);
  if (format !== undefined) return format;
  throw new UsageError(
    `.${extension} is not an export format: use --format to write NDJSON, JSON or CSV to ${output}.`,
  );
}

const FORMATS = new Map<string, ExportFormat>([
  ...(["", "ndjson", "jsonl"] as const).map(
    (each) => [each, "ndjson"] as const,
  ),
  ["json", "json"],
  ["csv", "csv"],
  ["tsv", "csv"],
]);

function isTsv(output: string): boolean {
  return /\.tsv$/i.test(plainName(output));
}

/** In the form that `import --mappings` and `collection:create` accept. */
async function writeMappings(file: string, mappings: object): Promise<void> {
  try {
    const text = `${JSON.stringify({ mappings }, null, 2)}\n`;
    await writeFile(file, text, { mode: OWNER_ONLY });
  } catch (error) {
    throw new UsageError(
      `${file} cannot be written: ${(error as Error).message}`,
    );
  }
}
