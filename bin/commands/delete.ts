import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import type { Connection } from "../connection/connection";
import { askLimits, lesser, openConnection } from "../connection/open";
import { ReliableConnection } from "../connection/ReliableConnection";
import { inOrder } from "../export/inOrder";
import { Getter } from "../get/Getter";
import { readIds } from "../get/ids";
import { Sender } from "../load/Sender";
import { BODY_BYTES, DELETE, type SentRow, wrapBytes } from "../load/wrap";
import type { ConnectionFlags } from "../options";
import { confirm } from "../output/confirm";
import { CountProgress } from "../output/CountProgress";
import { oneLine, type Terminal } from "../output/Terminal";
import { goOn, number } from "../output/words";
import { IdList, type ListedId } from "../search/IdList";
import { listIds } from "../search/listIds";
import { readQuery, type SearchQuery } from "../search/query";
import { EXIT, type ExitCode, UsageError } from "../usage";

export interface DeleteFlags extends ConnectionFlags {
  readonly query?: string;
  readonly lang: SearchQuery["lang"];
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly silent: boolean;
  readonly refresh: boolean;
  readonly failOnEmpty: boolean;
  readonly concurrency: number;
  readonly retryFor: number;
  readonly maxRequestBytes?: number;
  readonly maxRequestDocuments?: number;
}

const SHOWN_LINES = 10;
const LISTED_IDS = 1_000;
/** The size of a request per id, without the id itself. */
const BESIDE_BYTES = '{"_id":}'.length + wrapBytes(DELETE);

/** Deletes documents by their ids or by a query, and returns the exit code. */
export async function runDelete(
  [index, collection, input]: readonly [string, string, string | undefined],
  flags: DeleteFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  if ((input === undefined) === (flags.query === undefined)) {
    throw new UsageError(
      "Name either a file of ids (- is standard input) or a --query; --query '{}' finds all documents.",
    );
  }
  if (input === "-") terminal.noteTyping();
  const connection = await openConnection(flags, terminal);
  const folder = await mkdtemp(path.join(os.tmpdir(), "kuzzle-batch-"));
  try {
    const reliable = new ReliableConnection(connection, {
      retryForMs: flags.retryFor * 1000,
      onWait: (reason) =>
        terminal.line(`${connection.server}: ${reason}. Retrying.`),
      signal,
    });
    const job = await Deletion.of(
      ...([connection, reliable, { index, collection }, flags] as const),
      ...([terminal, signal] as const),
    );
    return await job.run(await job.list(path.join(folder, "ids"), input));
  } finally {
    connection.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Deletion {
  private shown = 0;

  private constructor(
    private readonly connection: Connection,
    private readonly reliable: ReliableConnection,
    private readonly place: { index: string; collection: string },
    private readonly flags: DeleteFlags,
    private readonly terminal: Terminal,
    private readonly signal: AbortSignal,
    private readonly limits: {
      readonly bytes: number;
      readonly write: number;
      readonly fetch: number;
    },
  ) {}

  static async of(
    connection: Connection,
    reliable: ReliableConnection,
    place: { index: string; collection: string },
    flags: DeleteFlags,
    terminal: Terminal,
    signal: AbortSignal,
  ): Promise<Deletion> {
    const limits = await askLimits(connection, flags);
    const { maxRequestBytes, documentsWriteCount, documentsFetchCount } =
      limits;
    const bytes =
      lesser(maxRequestBytes, flags.maxRequestBytes, "--max-request-bytes") -
      connection.envelopeBytes -
      BODY_BYTES;
    const most = flags.maxRequestDocuments ?? Infinity;
    return new Deletion(
      ...([connection, reliable, place, flags, terminal, signal] as const),
      {
        bytes,
        write: Math.min(documentsWriteCount, most),
        fetch: Math.min(documentsFetchCount, most, LISTED_IDS),
      },
    );
  }

  /** Collects the ids to delete in a file, so that their number is known beforehand. */
  list(file: string, input: string | undefined): Promise<IdList> {
    const { flags, terminal, signal } = this;
    if (input !== undefined) {
      return IdList.fill(file, this.idsOf(input), () => undefined);
    }
    const search: SearchQuery = {
      query: readQuery(flags.query),
      ...{ lang: flags.lang, sort: undefined },
    };
    const what = { place: this.place, search, maxPageIds: 10_000 };
    return listIds(
      ...([file, this.connection, this.reliable, what] as const),
      { onFound: () => undefined, onNote: (text) => terminal.line(text) },
      signal,
    );
  }

  /** @throws UsageError for a line without an id: nothing is deleted */
  private async *idsOf(input: string): AsyncGenerator<string[]> {
    for await (const lines of readIds(input, LISTED_IDS, this.signal)) {
      yield lines.map((requested) => {
        if ("error" in requested) {
          throw new UsageError(
            `line ${requested.line}: ${requested.error} Nothing was deleted.`,
          );
        }
        const { collection = this.place.collection } = requested;
        if (collection !== this.place.collection) {
          throw new UsageError(
            `line ${requested.line}: The document is in ${collection}. Nothing was deleted.`,
          );
        }
        return requested._id;
      });
    }
  }

  async run(ids: IdList): Promise<ExitCode> {
    const { flags, terminal, place, signal } = this;
    const where = `${place.index}/${place.collection}`;
    if (signal.aborted) return EXIT.interrupted;
    if (ids.count === 0) {
      terminal.line("No documents found.");
      return flags.failOnEmpty ? EXIT.incomplete : EXIT.done;
    }
    if (flags.dryRun) return this.count(ids);
    const noun = ids.count === 1 ? "document" : "documents";
    const what = `${number(ids.count)} ${noun} of ${where}`;
    if (!flags.yes && !(await confirm(`Delete ${what}?`))) {
      terminal.line("Nothing was deleted.");
      return EXIT.incomplete;
    }
    return this.delete(ids);
  }

  private async delete(ids: IdList): Promise<ExitCode> {
    const { flags, terminal, signal, limits } = this;
    const args = {
      ...(flags.refresh && { refresh: "wait_for" }),
      ...(flags.silent && { silent: "true" }),
    };
    const sender = new Sender(
      ...([this.connection, this.reliable] as const),
      {
        ...({ action: "batchWrite", wrap: DELETE, assignsIds: false } as const),
        ...{ ...this.place, args },
      },
      randomUUID(),
    );
    const progress = new CountProgress(terminal, "deleted");
    await progress.prepare();
    progress.begin();
    progress.resume(ids.count, 0);
    let [done, deleted, notFound, errors] = [0, 0, 0, 0];
    try {
      const batches = ids.read(
        START,
        () => limits.write,
        limits.bytes,
        BESIDE_BYTES,
      );
      const results = inOrder(
        ...([batches, flags.concurrency] as const),
        (batch) => sender.send(batch.map(rowOf)),
        signal,
      );
      for await (const [batch, outcome] of results) {
        deleted += outcome.done;
        for (const { row, id } of batch) {
          const error = outcome.failed.get(row);
          if (error?.code === "not_found") {
            notFound += 1;
            this.show("not found", id);
          } else if (error !== undefined) {
            errors += 1;
            this.show("error", `${id}: ${error.reason}`);
          }
        }
        progress.update((done = (batch.at(-1) as ListedId).row));
      }
    } finally {
      progress.stop();
    }
    terminal.summary(
      `${number(deleted)} deleted, ${number(notFound)} not found, ${number(errors)} errors ${progress.pace()}`,
      flags.json && { command: "delete", deleted, notFound, errors },
    );
    if (done < ids.count) {
      terminal.line(goOn(false));
      return EXIT.interrupted;
    }
    // a document that the query found and someone else deleted is gone, as intended
    const isDone =
      errors === 0 && (notFound === 0 || flags.query !== undefined);
    return isDone ? EXIT.done : EXIT.incomplete;
  }

  /** Counts how many of the ids exist; those of a query do. */
  private async count(ids: IdList): Promise<ExitCode> {
    const { flags, terminal, signal, limits } = this;
    if (flags.query !== undefined) {
      terminal.line(`${number(ids.count)} to be deleted`);
      return EXIT.done;
    }
    const getter = new Getter(this.reliable, {
      ...this.place,
      args: { source: "false" },
    });
    let [found, missing] = [0, 0];
    const batches = ids.read(START, () => limits.fetch, limits.bytes);
    const results = inOrder(
      ...([batches, flags.concurrency] as const),
      (batch) =>
        getter.get(batch.map(({ row, id }) => ({ line: row, _id: id }))),
      signal,
    );
    for await (const [, outcome] of results) {
      found += outcome.found.length;
      missing += outcome.notFound.length + outcome.errors.length;
      for (const line of outcome.notFound) this.show("not found", line);
      for (const line of outcome.errors) this.show("error", line);
    }
    terminal.line(
      `${number(found)} to be deleted, ${number(missing)} not found`,
    );
    return missing === 0 ? EXIT.done : EXIT.incomplete;
  }

  private show(kind: string, text: string): void {
    this.shown += 1;
    if (this.shown <= SHOWN_LINES) {
      this.terminal.line(`${kind}: ${oneLine(text)}`);
    }
  }
}

function rowOf({ row, id }: ListedId): SentRow {
  return { row, wire: Buffer.from(JSON.stringify({ _id: id })) };
}

const START = { offset: 0, row: 0 } as const;
