import { askLimits, lesser, openConnection } from "../connection/open";
import { ReliableConnection } from "../connection/ReliableConnection";
import { foundLine, Getter, type GetOutcome } from "../get/Getter";
import { readIds } from "../get/ids";
import type { ConnectionFlags } from "../options";
import { LineSink } from "../output/LineSink";

import { oneLine, type Terminal } from "../output/Terminal";
import { duration, number } from "../output/words";
import { EXIT, type ExitCode, UsageError } from "../usage";

export interface GetFlags extends ConnectionFlags {
  readonly ids: string;
  readonly found: string;
  readonly notFound?: string;
  readonly errors?: string;
  readonly source?: string;
  readonly sourceExcludes?: string;
  readonly concurrency: number;
  readonly retryFor: number;
  readonly maxRequestBytes?: number;
  readonly maxRequestDocuments?: number;
}

/** Ids per request: the documents found must fit into memory. */
const REQUEST_IDS = 500;
/** Ids have at most 512 bytes, each of which may take six in JSON. */
const ID_BYTES = 6 * 512 + 128;
const SHOWN_LINES = 10;

/** Gets documents by their ids, and returns the exit code. */
export async function runGet(
  [index, collection]: readonly [string, string | undefined],
  flags: GetFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  assertDistinct(flags);
  if (flags.ids === "-") terminal.noteTyping();
  const connection = await openConnection(flags, terminal);
  try {
    const limits = await askLimits(connection, flags);
    const bytes =
      lesser(
        limits.maxRequestBytes,
        flags.maxRequestBytes,
        "--max-request-bytes",
      ) - connection.envelopeBytes;
    const size = Math.min(
      flags.maxRequestDocuments ?? REQUEST_IDS,
      limits.documentsFetchCount,
      Math.max(1, Math.floor(bytes / ID_BYTES)),
    );
    const reliable = new ReliableConnection(connection, {
      retryForMs: flags.retryFor * 1000,
      onWait: (reason) =>
        terminal.line(`${connection.server}: ${reason}. Retrying.`),
      signal,
    });
    const { source, sourceExcludes } = flags;
    const args = {
      ...(source !== undefined && { source }),
      ...(sourceExcludes !== undefined && { sourceExcludes }),
    };
    const getter = new Getter(reliable, { index, collection, args });
    const output = await Output.open(flags, terminal);
    const isAll = await getAll(
      readIds(flags.ids, size, signal),
      getter,
      output,
      flags.concurrency,
      signal,
    );
    await output.close();
    if (!isAll) return EXIT.interrupted;
    return output.isComplete ? EXIT.done : EXIT.incomplete;
  } finally {
    connection.close();
  }
}

/** Sends several requests at once; their results are written in the order of the ids. */
async function getAll(
  ids: ReturnType<typeof readIds>,
  getter: Getter,
  output: Output,
  concurrency: number,
  signal: AbortSignal,
): Promise<boolean> {
  const underWay: Array<Promise<GetOutcome>> = [];
  for await (const some of ids) {
    if (signal.aborted) break;
    const outcome = getter.get(some);
    // handled when it is this request's turn
    outcome.catch(() => undefined);
    underWay.push(outcome);
    if (underWay.length === concurrency) {
      await output.write(await (underWay.shift() as Promise<GetOutcome>));
    }
  }
  for (const outcome of underWay) await output.write(await outcome);
  return !signal.aborted;
}

/** The three output files and the counts. */
class Output {
  private readonly begun = Date.now();
  private readonly counts = { found: 0, notFound: 0, errors: 0 };
  private shown = 0;

  private constructor(
    private readonly sinks: Partial<Record<keyof GetOutcome, LineSink>>,
    private readonly terminal: Terminal,
    private readonly flags: GetFlags,
  ) {}

  static async open(flags: GetFlags, terminal: Terminal): Promise<Output> {
    const { found, notFound, errors } = flags;
    return new Output(
      {
        found: await LineSink.open(found),
        ...(notFound !== undefined && {
          notFound: await LineSink.open(notFound),
        }),
        ...(errors !== undefined && { errors: await LineSink.open(errors) }),
      },
      terminal,
      flags,
    );
  }

  get isComplete(): boolean {
    return this.counts.notFound + this.counts.errors === 0;
  }

  async write(outcome: GetOutcome): Promise<void> {
    for (const kind of ["found", "notFound", "errors"] as const) {
      const lines =
        kind === "found" ? outcome.found.map(foundLine) : outcome[kind];
      this.counts[kind] += lines.length;
      const sink = this.sinks[kind];
      if (sink) await sink.write(lines);
      else this.show(kind === "errors" ? "error" : "not found", lines);
    }
  }

  async close(): Promise<void> {
    for (const sink of Object.values(this.sinks)) await sink.close();
    const { found, notFound, errors } = this.counts;
    const seconds = (Date.now() - this.begun) / 1000;
    this.terminal.summary(
      `${number(found)} found, ${number(notFound)} not found, ${number(errors)} errors in ${duration(seconds)}`,
      this.flags.json && { command: "get", ...this.counts },
      this.flags.found === "-",
    );
  }

  /** Without a file for them, the first ones are printed. */
  private show(kind: string, lines: readonly string[]): void {
    for (const line of lines) {
      if (this.shown > SHOWN_LINES) return;
      this.shown += 1;
      this.terminal.line(
        this.shown > SHOWN_LINES
          ? "… and more: --not-found FILE and --errors FILE keep them all."
          : `${kind}: ${oneLine(line)}`,
      );
    }
  }
}

function assertDistinct({ ids, found, notFound, errors }: GetFlags): void {
  const names = [ids, found, notFound, errors].filter(
    (name) => name !== undefined && name !== "-",
  );
  if (new Set(names).size === names.length) return;
  throw new UsageError(
    "--ids, --found, --not-found and --errors must be different files.",
  );
}
