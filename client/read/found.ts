import type { FoundDocument } from "../../lib/types";
import { BatchError } from "../errors/BatchError";
import { GetCall } from "./GetCall";
import { assertList, type GetCommand } from "./getAll";
import type { Question, Round } from "./locate";
import { toBatchError } from "../errors/toBatchError";
import type { AskedDocument, FoundOptions } from "../types";

/** Small, since several answers are in memory at a time. */
const BATCH_SIZE = 1_000;

/** Iterates over the documents that are found. @throws {BatchError} as the public method tells */
export async function* findAll(
  tools: Parameters<typeof GetCall.open>[0],
  command: GetCommand,
  asked: Iterable<AskedDocument> | AsyncIterable<AskedDocument>,
  options: FoundOptions,
): AsyncGenerator<FoundDocument, void, undefined> {
  assertList(asked);
  const { batchSize = BATCH_SIZE } = options;
  const call = await GetCall.open(tools, {
    ...command,
    options: { ...options, batchSize },
  });
  const finder = new Finder(call, options);
  try {
    let position = 0;
    for await (const each of asked) {
      const question = { position: position++, asked: each };
      const { batches, error } = call.push(question);
      if (error) finder.tell({ errors: [error] });
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

/** Asks for some requests' worth of documents ahead, and gives them in their order. */
class Finder {
  private readonly ahead: Promise<Round>[] = [];
  private done = 0;
  private failed = 0;

  constructor(
    private readonly call: GetCall,
    private readonly options: FoundOptions,
  ) {}

  async *begin(batch: readonly Question[]): AsyncGenerator<FoundDocument> {
    const round = this.call.ask(this.call.unique(batch));
    round.catch(() => undefined); // raised where its turn comes, if ever
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

  /** @throws {BatchError} `batch.client.documents_failed` where nobody listens */
  tell({
    notFound = [],
    errors = [],
  }: Partial<Pick<Round, "notFound" | "errors">>): void {
    const { onNotFound, onErrors } = this.options;
    this.failed += notFound.length + errors.length;
    this.done += notFound.length + errors.length;
    if (notFound.length > 0) {
      onNotFound?.(notFound.map(({ value }) => value));
    }
    if (errors.length > 0 && onErrors === undefined) {
      throw new BatchError(
        "Documents could not be read, and there is no onErrors",
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

  /** An answer that was full may lack documents before those that it has. */
  private async *next(): AsyncGenerator<FoundDocument> {
    let held: Round["documents"] = [];
    let round = await (this.ahead.shift() as Promise<Round>);
    for (;;) {
      this.tell(round);
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
      round = await this.call.ask(round.unprocessed);
    }
  }

  private report({ documents }: Round): void {
    this.done += new Set(documents.map(({ position }) => position)).size;
    const { done, failed } = this;
    this.options.onProgress?.({ done, failed, total: undefined });
  }
}
