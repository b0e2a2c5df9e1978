import type { FoundDocument } from "../../lib/types";
import { BatchError } from "../errors/BatchError";
import { GetCall } from "./GetCall";
import { assertList } from "./getAll";
import type { GetCommand } from "./GetCommand";
import type { PositionedDocument, GetRound } from "./locate";
import { toBatchError } from "../errors/toBatchError";
import type { RequestedDocument, FoundOptions } from "../types";

/** Small, because several responses are in memory at a time. */
const BATCH_SIZE = 1_000;

/** Iterates over the documents found. @throws {BatchError} as the public method does */
export async function* findAll(
  context: Parameters<typeof GetCall.open>[0],
  command: GetCommand,
  requested: Iterable<RequestedDocument> | AsyncIterable<RequestedDocument>,
  options: FoundOptions,
): AsyncGenerator<FoundDocument, void, undefined> {
  assertList(requested);
  const { batchSize = BATCH_SIZE } = options;
  const call = await GetCall.open(context, {
    ...command,
    options: { ...options, batchSize },
  });
  const finder = new Finder(call, options);
  try {
    let position = 0;
    for await (const each of requested) {
      const document = { position: position++, requested: each };
      const { batches, error } = call.push(document);
      if (error) finder.notify({ errors: [error] });
      for (const batch of batches) yield* finder.begin(batch);
    }
    for (const batch of call.flush()) yield* finder.begin(batch);
    yield* finder.finish();
  } catch (cause) {
    throw cause instanceof BatchError && cause.errors.length > 0
      ? cause
      : toBatchError(cause, {});
  }
}

/** Reads some requests ahead, and yields the documents in order. */
class Finder {
  private readonly ahead: Promise<GetRound>[] = [];
  private done = 0;
  private failed = 0;

  constructor(
    private readonly call: GetCall,
    private readonly options: FoundOptions,
  ) {}

  async *begin(
    batch: readonly PositionedDocument[],
  ): AsyncGenerator<FoundDocument> {
    const round = this.call.fetch(this.call.unique(batch));
    round.catch(() => undefined); // thrown when it is this request's turn, if ever
    this.ahead.push(round);
    if (this.ahead.length >= this.call.concurrency) {
      yield* this.next();
    }
  }

  async *finish(): AsyncGenerator<FoundDocument> {
    while (this.ahead.length > 0) {
      yield* this.next();
    }
  }

  /** @throws {BatchError} `batch.client.documents_failed` without an `onErrors` */
  notify({
    notFound = [],
    errors = [],
  }: Partial<Pick<GetRound, "notFound" | "errors">>): void {
    const { onNotFound, onErrors } = this.options;
    this.failed += notFound.length + errors.length;
    this.done += notFound.length + errors.length;
    if (notFound.length > 0) {
      onNotFound?.(notFound.map(({ value }) => value));
    }
    if (errors.length > 0 && onErrors === undefined) {
      throw new BatchError(
        "Documents could not be read, and there is no onErrors callback",
        {
          id: "batch.client.documents_failed",
          status: 400,
          errors,
        },
      );
    }
    if (errors.length > 0) {
      onErrors?.(errors);
    }
  }

  /** A full response may lack documents that come before the ones it contains. */
  private async *next(): AsyncGenerator<FoundDocument> {
    let held: GetRound["documents"] = [];
    let round = await (this.ahead.shift() as Promise<GetRound>);
    for (;;) {
      this.notify(round);
      held = [...held, ...round.documents].sort(
        (a, b) => a.position - b.position,
      );
      const gap = Math.min(
        ...round.unprocessed.slice(0, 1).map(({ position }) => position),
      );
      const due = held.filter(({ position }) => position < gap);
      held = held.slice(due.length);
      this.report(round);
      for (const { value } of due) yield value;
      if (round.unprocessed.length === 0) return;
      round = await this.call.fetch(round.unprocessed);
    }
  }

  private report({ documents }: GetRound): void {
    this.done += new Set(documents.map(({ position }) => position)).size;
    const { done, failed } = this;
    this.options.onProgress?.({ done, failed, total: undefined });
  }
}
