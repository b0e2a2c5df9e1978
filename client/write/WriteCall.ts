import { aborted } from "../transport/abort";
import { BatchError } from "../errors/BatchError";
import { begin, type Beginning } from "../transport/begin";
import {
  assertAtomic,
  maxCount,
  noJson,
  tooLarge,
  type Failure,
} from "./bounds";
import { Pool } from "../transport/Pool";
import { randomText } from "../transport/randomText";
import type { SdkRequest } from "../transport/sdk";
import { jsonBytes, Splitter } from "./split";
import {
  argumentsOf,
  envelopeBytes,
  type Tools,
} from "../transport/ClientContext";
import type { WriteCommand } from "./writeAll";
import {
  WriteLedger,
  type Entry,
  type WriteAnswer,
} from "./WriteResultCollector";

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

  /** @throws as `begin` */
  static async open(tools: Tools, command: WriteCommand): Promise<WriteCall> {
    return new WriteCall(tools, command, await begin(tools, command.options));
  }

  private constructor(
    private readonly tools: Tools,
    private readonly command: WriteCommand,
    private readonly beginning: Beginning,
  ) {
    const { limits, identity, options } = beginning;
    this.key =
      command.idempotencyKey ??
      (identity === undefined ? undefined : randomText());
    this.splitter = new Splitter<Entry>(
      {
        maxBytes: limits.maxRequestBytes,
        maxCount: maxCount(command, beginning),
        envelopeBytes: envelopeBytes(tools, this.request([], 0)),
      },
      ({ document }) => jsonBytes(document),
    );
    this.pool = new Pool<Batch>(options.concurrency, idsOf, (batch) =>
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
        this.unsent(part.item, tooLarge(part.bytes, this.beginning.limits));
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
      assertAtomic(
        this.waiting.flat(),
        this.waiting.length,
        this.beginning.limits,
      );
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
    const { ledger, command, key } = this;
    const { identity, options } = this.beginning;
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
        retryForMs: options.retryForMs,
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
