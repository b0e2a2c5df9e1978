import { aborted, unlessAborted } from "./abort";
import { BatchError } from "./BatchError";
import type { Identity } from "./connection";
import { checkOptions, type CheckedOptions } from "./options";
import type { SdkRequest } from "./sdk";
import { Pool } from "./Pool";
import { randomText } from "./randomText";
import { jsonBytes, Splitter } from "./split";
import { argumentsOf, envelopeBytes, type Tools } from "./tools";
import type { CallOptions, RequestLimits } from "./types";
import { WriteLedger, type Entry, type WriteAnswer } from "./WriteLedger";

/** What is to be written, and how. */
export interface WriteCommand {
  readonly action: "mWrite" | "mUpdate";
  readonly index: string;
  readonly collection: string;
  /** of each request, such as `refresh` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly atomic: boolean;
  readonly idempotencyKey: string | undefined;
  /** of the documents, where it is known */
  readonly total: number | undefined;
  readonly options: CallOptions;
  /**
   * For an input without end: told of all that comes in, of which nothing is kept.
   * Without it, what is strict waits for the whole input, since a defect at its end
   * stops it all.
   */
  readonly onPart?: (ledger: WriteLedger) => void;
}

/** The documents of one request. */
type Batch = readonly Entry[];

/** A call under way: documents go in one by one, and leave in requests. */
export class WriteCall {
  readonly ledger = new WriteLedger();
  private readonly splitter: Splitter<Entry>;
  private readonly pool: Pool<Batch>;
  /** ids of which an earlier write may still be on its way */
  private readonly doubtful = new Set<string>();
  private readonly key: string | undefined;
  private readonly waiting: Batch[] = [];
  /** places of documents that can't be sent, among those not sent yet */
  private readonly unsendable = new Set<number>();
  private nextPosition = 0;
  private nextUnsent = 0;
  private requests = 0;

  /** @throws {RangeError} for unsound options; {BatchError} where the server's limits can't be had */
  static async open(tools: Tools, command: WriteCommand): Promise<WriteCall> {
    const options = checkOptions(command.options);
    const { signal } = command.options;
    if (signal?.aborted) {
      throw aborted(signal);
    }
    const beginning = Promise.all([
      tools.limits.get(options.retryForMs),
      tools.connection.identity(),
    ]);
    const [limits, identity] = await unlessAborted(
      beginning,
      signal,
      async (by) => {
        throw aborted(by);
      },
    );
    return new WriteCall(tools, command, options, limits, identity);
  }

  private constructor(
    private readonly tools: Tools,
    private readonly command: WriteCommand,
    private readonly checked: CheckedOptions,
    private readonly limits: RequestLimits,
    private readonly identity: Identity,
  ) {
    this.key =
      command.idempotencyKey ??
      (identity === undefined ? undefined : randomText());
    this.splitter = new Splitter<Entry>(
      {
        maxBytes: limits.maxRequestBytes,
        maxCount: maxCount(command, checked, limits),
        envelopeBytes: envelopeBytes(tools, this.request([], 0)),
      },
      ({ document }) => jsonBytes(document),
    );
    this.pool = new Pool<Batch>(checked.concurrency, idsOf, (batch) =>
      this.send(batch),
    );
  }

  /**
   * Resolves when there is room for more.
   *
   * @throws what has ended the call; `failure` makes an error of it
   */
  async push(document: unknown): Promise<void> {
    const position = this.nextPosition++;
    if (this.command.onPart === undefined) {
      this.ledger.count(document);
    }
    const entry = { position, document: this.withId(document) };
    for (const part of this.partsOf(entry)) {
      if (part.kind === "chunk") {
        await this.submit(part.items);
      } else {
        this.unsent(part.item, tooLarge(part.bytes, this.limits));
      }
    }
  }

  /** Resolves when every document is dealt with. @throws as `push` */
  async finish(): Promise<void> {
    for (const { items } of this.splitter.flush()) {
      await this.submit(items);
    }
    this.assertWhole();
    for (const batch of this.waiting) {
      await this.start(batch);
    }
    await this.pool.drain();
  }

  /** What the call is rejected with, once what is under way has ended. */
  async failure(cause: unknown): Promise<BatchError> {
    await this.pool.settle();
    const end = this.command.total ?? this.nextPosition;
    const unsent: number[] = [];
    for (let position = this.nextUnsent; position < end; position++) {
      if (!this.unsendable.has(position)) unsent.push(position);
    }
    this.ledger.leave(unsent);
    return this.ledger.error(cause);
  }

  private partsOf(entry: Entry): ReturnType<Splitter<Entry>["push"]> {
    try {
      return this.splitter.push(entry);
    } catch (error) {
      this.unsent(entry, noJson(error));
      return [];
    }
  }

  private unsent(entry: Entry, failure: Failure): void {
    this.ledger.fail(entry, failure);
    this.unsendable.add(entry.position);
    if (this.command.onPart !== undefined && this.command.strict) {
      throw this.refusal();
    }
    this.report();
  }

  private async submit(batch: Batch): Promise<void> {
    const { strict, atomic, onPart } = this.command;
    if (onPart === undefined && (strict || atomic)) {
      this.waiting.push(batch);
    } else {
      await this.start(batch);
    }
  }

  private async start(batch: Batch): Promise<void> {
    const { signal } = this.command.options;
    if (signal?.aborted) {
      throw aborted(signal);
    }
    await this.pool.submit(batch);
    this.nextUnsent = (batch.at(-1) as Entry).position + 1;
    for (const position of this.unsendable) {
      if (position < this.nextUnsent) this.unsendable.delete(position);
    }
  }

  /** @throws {BatchError} before anything is sent */
  private assertWhole(): void {
    const { strict, atomic } = this.command;
    if ((strict || atomic) && this.ledger.failed > 0) {
      throw this.refusal();
    }
    if (atomic) {
      assertAtomic(this.waiting, this.nextPosition, this.limits);
    }
  }

  private refusal(): BatchError {
    const what = this.command.action === "mWrite" ? "write" : "update";
    return new BatchError(
      `${this.ledger.failed} of the documents can't be sent`,
      { id: `batch.${what}.refused`, status: 400 },
    );
  }

  private async send(batch: Batch): Promise<void> {
    const number = this.requests++;
    const entries = this.withoutDoubtful(batch);
    if (entries.length > 0) {
      await this.deliver(entries, number);
    }
    this.report();
  }

  private report(): void {
    const { done, failed } = this.ledger;
    const { total, options, onPart } = this.command;
    onPart?.(this.ledger);
    options.onProgress?.({ done, failed, total });
  }

  private async deliver(entries: Batch, number: number): Promise<void> {
    const { ledger, command, identity, key, checked } = this;
    const { signal } = command.options;
    const request = this.request(
      entries.map(({ document }) => document),
      number,
    );
    const delivery = await this.tools.courier
      .deliver(request, {
        identity,
        kind: "write",
        isRepeatable: key !== undefined,
        retryForMs: checked.retryForMs,
        signal,
      })
      .catch((error: unknown) => {
        ledger.leave(entries.map(({ position }) => position));
        throw error;
      });

    switch (delivery.kind) {
      case "answered":
        this.answered(delivery.result as WriteAnswer, entries);
        break;
      case "refused":
        ledger.refused(entries, delivery.error);
        throw delivery.error;
      case "unknown":
        ledger.unknown(entries, delivery.error);
        idsOf(entries).forEach((id) => this.doubtful.add(id));
        this.afterUnknown(delivery.error);
    }
  }

  private answered(answer: WriteAnswer, entries: Batch): void {
    try {
      this.ledger.answered(answer, entries);
    } catch (error) {
      this.ledger.unknown(entries, error as Error);
      throw error;
    }
  }

  private afterUnknown(error: Error): void {
    const { options, strict, atomic } = this.command;
    if (options.signal?.aborted) {
      throw aborted(options.signal);
    }
    if (strict || atomic) {
      throw new BatchError(
        `It is not known what became of some documents: ${error.message}`,
        { id: "batch.client.outcome_unknown", status: 0, cause: error },
      );
    }
  }

  /** A request that is still on its way would overtake these. */
  private withoutDoubtful(batch: Batch): Batch {
    if (this.doubtful.size === 0) {
      return batch;
    }
    const isDoubtful = (entry: Entry): boolean =>
      this.doubtful.has(idOf(entry) ?? "");
    for (const entry of batch.filter(isDoubtful)) {
      this.ledger.fail(entry, {
        status: 409,
        code: "rejected",
        reason:
          "Not sent: it is not known what became of an earlier document with this _id.",
        retryable: false,
      });
    }
    return batch.filter((entry) => !isDoubtful(entry));
  }

  /** So that it can be told which document has an unknown outcome. */
  private withId(document: unknown): unknown {
    const isObject = typeof document === "object" && document !== null;
    if (
      this.key !== undefined || // the server derives the same ids again
      this.command.action !== "mWrite" ||
      !isObject ||
      ((document as { _id?: unknown })._id ?? null) !== null
    ) {
      return document;
    }
    return { ...document, _id: randomText() };
  }

  private request(documents: readonly unknown[], number: number): SdkRequest {
    const { action, index, collection, args, strict, atomic } = this.command;
    const { key } = this;
    return {
      controller: this.tools.controller,
      action,
      index,
      collection,
      ...argumentsOf({
        ...args,
        strict: strict || undefined,
        atomic: atomic || undefined,
        idempotencyKey: number === 0 ? key : key && `${key}:${number}`,
      }),
      body: { documents },
    };
  }
}

type Failure = Parameters<WriteLedger["fail"]>[1];

function noJson(error: unknown): Failure {
  return {
    status: 400,
    code: "invalid",
    reason: `The document has no JSON: ${(error as Error).message}`,
    retryable: false,
  };
}

function tooLarge(bytes: number, { maxRequestBytes }: RequestLimits): Failure {
  return {
    status: 413,
    code: "too_large",
    reason: `A request with this document alone takes ${bytes} bytes, and the server takes ${maxRequestBytes}.`,
    retryable: false,
  };
}

/** Of the documents of a request. */
function maxCount(
  { action, atomic }: WriteCommand,
  { batchSize }: CheckedOptions,
  { documentsWriteCount }: RequestLimits,
): number {
  if (atomic) {
    return Number.MAX_SAFE_INTEGER;
  }
  return action === "mUpdate"
    ? Math.min(batchSize, documentsWriteCount)
    : batchSize;
}

/** Writes all documents of a list. @throws {BatchError} as the public methods tell */
export async function writeAll(
  tools: Tools,
  command: WriteCommand,
  documents: Iterable<unknown>,
): Promise<ReturnType<WriteLedger["result"]>> {
  const call = await WriteCall.open(tools, command);
  try {
    for (const document of documents) {
      await call.push(document);
    }
    await call.finish();
  } catch (cause) {
    throw await call.failure(cause);
  }
  return call.ledger.result();
}

function assertAtomic(
  batches: readonly Batch[],
  documents: number,
  { maxRequestBytes, atomicMaxDocuments, atomicMaxBytes }: RequestLimits,
): void {
  let bytes = 0;
  for (const { document } of batches.flat()) {
    bytes += jsonBytes((document as { body?: unknown }).body);
  }
  const reason =
    documents > atomicMaxDocuments
      ? `${atomicMaxDocuments} documents (atomicMaxDocuments), and these are ${documents}`
      : bytes > atomicMaxBytes
        ? `${atomicMaxBytes} bytes in the bodies (atomicMaxBytes), and these are ${bytes}`
        : batches.length > 1
          ? `one request of ${maxRequestBytes} bytes (maxRequestBytes), and these need ${batches.length}`
          : undefined;
  if (reason !== undefined) {
    throw new BatchError(
      `Nothing was sent: an atomic call may have ${reason}`,
      {
        id: "batch.client.too_large",
        status: 413,
      },
    );
  }
}

function idOf({ document }: Entry): string | undefined {
  const { _id } = (document ?? {}) as { _id?: unknown };
  return typeof _id === "string" ? _id : undefined;
}

function idsOf(batch: Batch): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const entry of batch) {
    const id = idOf(entry);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}
