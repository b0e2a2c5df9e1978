import path from "node:path";

import type { Connection } from "../connection/connection";
import { createCollection } from "../search/mappings";
import {
  askLimits,
  DEFAULT_LIMITS,
  lesser,
  openConnection,
  type RequestLimits,
} from "../connection/open";
import type { CellType } from "../input/cells";
import type { Format } from "../input/format";
import type { ChunkLimits } from "../load/Chunker";
import type { LoadJob, LoadResult } from "../load/job";
import { load } from "../load/load";
import type { Target } from "../load/Sender";
import { CREATE, PLAIN, UPSERT } from "../load/wrap";
import type { ConnectionFlags } from "../options";
import { goOn } from "../output/words";
import { LoadProgress } from "../output/LoadProgress";
import type { Terminal } from "../output/Terminal";
import { EXIT, type ExitCode, UsageError } from "../usage";

/** The options as commander parses them. */
export interface LoadFlags extends ConnectionFlags {
  readonly format: Format;
  readonly bare: boolean;
  readonly path?: string;
  readonly idField?: string;
  readonly delimiter?: string;
  readonly types?: ReadonlyMap<string, CellType>;
  readonly nested: boolean;
  readonly checkpoint?: string;
  readonly rejects?: string;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly refresh: boolean;
  readonly concurrency: number;
  readonly retryFor: number;
  readonly rememberIds: number;
  readonly force: boolean;
  readonly allowEmpty: boolean;
  /** milliseconds */
  readonly flushEvery?: number;
  readonly rate?: number;
  readonly maxRequestBytes?: number;
  readonly maxRequestDocuments?: number;
  /** of an import */
  readonly create?: boolean;
  readonly upsert: boolean;
  readonly mappings?: string;
  /** of an update */
  readonly retryOnConflict?: number;
  readonly silent?: boolean;
  readonly unset?: readonly string[];
}

export type LoadCommand = "import" | "update";

/** Imports or updates the inputs one after the other, and returns the exit code. */
export async function runLoads(
  command: LoadCommand,
  [index, collection, inputs]: readonly [string, string, readonly string[]],
  flags: LoadFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const names = inputs.map((input) => path.basename(input));
  if (new Set(names).size < names.length) {
    throw new UsageError("The files must have different names.");
  }
  let code: ExitCode = EXIT.done;
  for (const [i, input] of inputs.entries()) {
    const own =
      inputs.length === 1 ? flags : flagsOf(flags, names[i] as string);
    if (inputs.length > 1) terminal.line(`${input}:`);
    const place = [index, collection, input] as const;
    const ended = await runLoad(command, place, own, terminal, signal);
    if (ended !== EXIT.done) code = ended;
    if (ended === EXIT.interrupted) break;
    if (flags.strict && ended !== EXIT.done) break;
  }
  return code;
}

/** With several inputs, each has its own files. */
function flagsOf(flags: LoadFlags, name: string): LoadFlags {
  const { checkpoint, rejects } = flags;
  return {
    ...flags,
    ...(checkpoint !== undefined && { checkpoint: `${checkpoint}.${name}` }),
    ...(rejects !== undefined && { rejects: `${rejects}.${name}` }),
  };
}

async function runLoad(
  command: LoadCommand,
  [index, collection, input]: readonly [string, string, string],
  flags: LoadFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  assertSound(command, flags);
  if (input === "-") terminal.noteTyping();
  const connection = flags.dryRun
    ? undefined
    : await openConnection(flags, terminal);
  try {
    const target = targetOf(command, index, collection, flags);
    if (connection !== undefined && flags.mappings !== undefined) {
      await createCollection(connection, target, flags.mappings);
    }
    const job = await jobOf(target, input, flags, connection);
    const verb = command === "import" ? "written" : "updated";
    const progress = new LoadProgress(
      terminal,
      flags.dryRun ? `to be ${verb}` : verb,
    );
    await progress.prepare();
    let result: LoadResult;
    try {
      result = await load(job, connection, progress, signal);
    } catch (error) {
      progress.stop();
      throw error;
    }
    const { end, counts } = result;
    const text =
      end === "already complete"
        ? `The checkpoint ${flags.checkpoint} is complete: nothing was sent. Remove it to start over.`
        : progress.finish(result);
    const summary = {
      command,
      input,
      [verb]: counts.done,
      rejected: counts.rejected,
    };
    terminal.summary(text, flags.json && { ...summary, end });
    return conclude(result, flags, terminal);
  } finally {
    connection?.close();
  }
}

function conclude(
  { end, counts }: LoadResult,
  flags: LoadFlags,
  terminal: Terminal,
): ExitCode {
  if (end === "strict") {
    terminal.line(
      "Stopped at the first rejected row (--strict). Rows before it, and some after it that were in flight, are done.",
    );
  }
  if (end === "signal") {
    terminal.line(goOn(flags.checkpoint));
    // the caller knows which signal it was
    return EXIT.interrupted;
  }
  return counts.rejected > 0 ? EXIT.incomplete : EXIT.done;
}

function assertSound(command: LoadCommand, flags: LoadFlags): void {
  const { dryRun, checkpoint, rejects, format, bare, types } = flags;
  if (dryRun && checkpoint !== undefined) {
    throw new UsageError(
      "--dry-run and --checkpoint are mutually exclusive: a dry run sends nothing.",
    );
  }
  if (checkpoint !== undefined && checkpoint === rejects) {
    throw new UsageError("--checkpoint and --rejects must be different files.");
  }
  if (
    (format === "ndjson" || format === "json") &&
    (types || flags.delimiter)
  ) {
    throw new UsageError("--types and --delimiter apply to CSV only.");
  }
  if (format !== "auto" && format !== "json" && flags.path !== undefined) {
    throw new UsageError("--path applies to JSON only.");
  }
  if (format === "csv" && bare) {
    throw new UsageError(
      "--bare applies to JSON only: rows of CSV are always bare.",
    );
  }
  if (command === "import" && flags.silent) {
    throw new UsageError("--silent is for updates.");
  }
  if (flags.create && flags.upsert) {
    throw new UsageError("--create and --upsert are mutually exclusive.");
  }
  if (flags.unset && flags.upsert) {
    throw new UsageError("--unset and --upsert are mutually exclusive.");
  }
  const own = flags.unset?.find((path) => /^_(?:id|kuzzle_info)\b/.test(path));
  if (own !== undefined) throw new UsageError(`--unset does not take ${own}.`);
}

function targetOf(
  command: LoadCommand,
  index: string,
  collection: string,
  { refresh, retryOnConflict, silent, create, upsert, unset }: LoadFlags,
): Target {
  const isImport = command === "import";
  if (unset !== undefined) {
    const args = {
      ...(refresh && { refresh: "wait_for" }),
      ...(!silent && { notify: "true" }),
    };
    return {
      ...{ action: "mWrite", index, collection, args, wrap: PLAIN },
      assignsIds: false,
      unset: { fields: unset, retries: retryOnConflict ?? UNSET_RETRIES },
    };
  }
  const args = {
    ...(refresh && { refresh: "wait_for" }),
    ...(retryOnConflict !== undefined && { retryOnConflict }),
    // an import does not notify
    ...((silent || (isImport && upsert)) && { silent: "true" }),
  };
  const action = upsert ? "batchWrite" : isImport ? "mWrite" : "mUpdate";
  const wrap = upsert ? UPSERT : create ? CREATE : PLAIN;
  return { action, index, collection, args, wrap, assignsIds: isImport };
}

/** A document that is read before it is written is more likely to change in between. */
const UNSET_RETRIES = 10;

async function jobOf(
  target: Target,
  input: string,
  flags: LoadFlags,
  connection: Connection | undefined,
): Promise<LoadJob> {
  const server = connection ? await askLimits(connection, flags) : undefined;
  const { format, idField, types = new Map() } = flags;
  return {
    input,
    inputOptions: {
      format,
      bare: flags.bare || idField !== undefined,
      delimiter: flags.delimiter,
      types,
      nested: flags.nested,
      force: flags.force,
      path: flags.path,
    },
    ...{ idField, target },
    strict: flags.strict,
    concurrency: flags.concurrency,
    rejectsFile: flags.rejects,
    checkpointFile: flags.checkpoint,
    limits: chunkLimits(target, server, connection, flags),
    retryForMs: flags.retryFor * 1000,
    rememberedIds: flags.rememberIds,
    allowEmpty: flags.allowEmpty,
    flushEveryMs: flags.flushEvery,
    rate: flags.rate,
  };
}

/**
 * mWrite does not limit the number of documents, but the size and parsing of its
 * response do.
 */
const WRITE_DOCUMENTS = 10_000;

function chunkLimits(
  { action, unset }: Target,
  server: RequestLimits | undefined,
  connection: Connection | undefined,
  { maxRequestBytes, maxRequestDocuments, rate }: LoadFlags,
): ChunkLimits {
  const known = server ?? DEFAULT_LIMITS;
  const bytes = server
    ? lesser(known.maxRequestBytes, maxRequestBytes, "--max-request-bytes")
    : (maxRequestBytes ?? known.maxRequestBytes);
  const written =
    action === "mWrite" ? WRITE_DOCUMENTS : known.documentsWriteCount;
  // to remove fields, documents are read first
  const documents = unset
    ? Math.min(written, known.documentsFetchCount)
    : written;
  return {
    maxBytes: bytes - (connection?.envelopeBytes ?? 0),
    // with a rate, a request holds the documents of one second, not of a minute
    maxDocuments: Math.min(
      documents,
      maxRequestDocuments ?? documents,
      rate ?? documents,
    ),
  };
}
