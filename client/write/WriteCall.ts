import { aborted } from "../transport/abort";
import { BatchError } from "../errors/BatchError";
import { openCallContext, type CallContext } from "../transport/callContext";
import {
  assertAtomic,
  maxCount,
  noJson,
  tooLarge,
  type Failure,
} from "./bounds";
import { asText, withSources } from "../transport/numbers";
import { Pool } from "../transport/Pool";
import { randomText } from "../transport/randomText";
import { ABORT_GRACE_MS } from "../transport/RequestSender";
import type { SdkRequest } from "../transport/sdk";
import { jsonBytes, Splitter } from "../transport/split";
import {
  argumentsOf,
  envelopeBytes,
  type ClientContext,
} from "../transport/ClientContext";
import { targetOf, withContent, withNewId } from "./targets";
import type { WriteCommand } from "./WriteCommand";
import {
  WriteResultCollector,
  type Entry,
  type WriteResponse,
} from "./WriteResultCollector";

/** The documents of one request. */
type Batch = readonly Entry[];
type Parts = ReturnType<Splitter<Entry>["push"]>;

/** A call in progress: documents are pushed one by one, and sent in requests. */
export class WriteCall {
  readonly results: WriteResultCollector;
  private readonly splitter: Splitter<Entry>;
  private readonly pool: Pool<Batch>;
  /** ids of documents that an earlier request may still write */
  private readonly maybeInFlight = new Set<string>();
  private readonly key: string | undefined;
  private readonly waiting: Batch[] = [];
  /** positions of documents that cannot be sent, among those not sent yet */
  private readonly unsendable = new Set<number>();
  private nextPosition = 0;
  private nextUnsent = 0;
  private requests = 0;
  private failed: Promise<BatchError> | undefined;

  /** @throws as `openCallContext` */
  static async open(
    context: ClientContext,
    command: WriteCommand,
  ): Promise<WriteCall> {
    return new WriteCall(
      context,
      command,
      await openCallContext(context, command.options, command.total),
    );
  }

  private constructor(
    private readonly context: ClientContext,
    private readonly command: WriteCommand,
    private readonly callContext: CallContext,
  ) {
    const { limits, identity, options } = callContext;
    this.results = new WriteResultCollector(command);
    this.key =
      command.idempotencyKey ??
      (identity === undefined ? undefined : randomText());
    this.splitter = new Splitter<Entry>(
      {
        maxBytes: limits.maxRequestBytes,
        maxCount: maxCount(command, callContext),
        envelopeBytes: envelopeBytes(context, this.request([], 0)),
      },
      ({ document }) => jsonBytes(document),
    );
    const targetsOf = (batch: Batch): ReadonlySet<string> =>
      this.targetsOf(batch);
    this.pool = new Pool<Batch>(
      options.concurrency,
      targetsOf,
      (batch) => this.send(batch),
      command.onFailure,
    );
  }

  /**
   * @returns a promise that resolves when there is room for more, or nothing if there is
   *   already, as for most documents. Requests of a writer are therefore sent one by one
   *   as they fill, not all at once after the last document.
   * @throws the error that ended the call; `failure` wraps it
   */
  push(document: unknown): Promise<void> | undefined {
    const position = this.nextPosition++;
    if (this.command.onPart === undefined) {
      this.results.count(document);
    }
    const entry = { position, document: this.withId(document) };
    let parts: Parts;
    try {
      parts = this.splitter.push(entry);
    } catch {
      return this.partsOfText(entry).then((texts) => this.take(texts));
    }
    return parts.length === 0 ? undefined : this.take(parts);
  }

  private async take(parts: Parts): Promise<void> {
    for (const part of parts) {
      if (part.kind === "chunk") {
        await this.submit(part.items);
      } else {
        this.unsent(part.item, tooLarge(part.bytes, this.callContext.limits));
      }
    }
  }

  /** Sends what was pushed, even if the request is not full. @throws as `push` */
  async flush(): Promise<void> {
    for (const { items } of this.splitter.flush()) {
      await this.submit(items);
    }
  }

  /** Resolves when every document has an outcome. @throws as `push` */
  async finish(): Promise<void> {
    await this.flush();
    this.assertWhole();
    for (const batch of this.waiting) {
      await this.start(batch);
    }
    await this.pool.drain();
  }

  /**
   * The error with which the call rejects, once requests in flight have ended. The
   * first cause counts.
   */
  failure(cause: unknown): Promise<BatchError> {
    return (this.failed ??= this.fail(cause));
  }

  private async fail(cause: unknown): Promise<BatchError> {
    await this.pool.ended();
    const end = this.command.total ?? this.nextPosition;
    const unsent: number[] = [];
    for (let position = this.nextUnsent; position < end; position++) {
      if (!this.unsendable.has(position)) unsent.push(position);
    }
    this.results.leave(unsent);
    return this.results.error(cause);
  }

  /** A body that `JSON.stringify` rejects may merely contain a BigInt. */
  private async partsOfText({ position, document }: Entry): Promise<Parts> {
    try {
      const text = await withContent(this.command.action, document, asText);
      return this.splitter.push({ position, document: text });
    } catch (error) {
      this.unsent({ position, document }, noJson(error));
      return [];
    }
  }

  private unsent(entry: Entry, failure: Failure): void {
    this.results.fail(entry, failure);
    this.unsendable.add(entry.position);
    if (this.command.onPart !== undefined && this.command.strict) {
      throw this.unsendableError();
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
    if ((strict || atomic) && this.results.failed > 0) {
      throw this.unsendableError();
    }
    if (atomic) {
      assertAtomic(
        this.waiting.flat(),
        this.waiting.length,
        this.callContext.limits,
      );
    }
  }

  private unsendableError(): BatchError {
    const what = this.command.action === "mUpdate" ? "update" : "write";
    return new BatchError(
      `${this.results.failed} of the documents cannot be sent`,
      { id: `batch.${what}.refused`, status: 400 },
    );
  }

  private async send(batch: Batch): Promise<void> {
    const number = this.requests++;
    const entries = this.withoutMaybeInFlight(batch);
    if (entries.length > 0) {
      await this.sendEntries(entries, number);
    }
    this.report();
  }

  private report(): void {
    const { done, failed } = this.results;
    const { total, options, onPart } = this.command;
    onPart?.(this.results);
    options.onProgress?.({ done, failed, total });
  }

  private async sendEntries(entries: Batch, number: number): Promise<void> {
    const { results, command, key } = this;
    const { identity, options } = this.callContext;
    const { signal } = command.options;
    const request = this.request(
      entries.map(({ document }) => document),
      number,
    );
    const sent = await this.context.sender
      .send(request, {
        identity,
        isRepeatable: key !== undefined,
        retryForMs: options.retryForMs,
        abortGraceMs: ABORT_GRACE_MS.write,
        signal,
      })
      .catch((error: unknown) => {
        results.leave(entries.map(({ position }) => position));
        throw error;
      });

    switch (sent.kind) {
      case "answered":
        this.answered(sent.result as WriteResponse, entries);
        break;
      case "failed":
        results.failedRequest(entries, sent.error);
        throw sent.error;
      case "unknown":
        results.unknown(entries, sent.error);
        this.targetsOf(entries).forEach((each) => this.maybeInFlight.add(each));
        this.afterUnknown(sent.error);
    }
  }

  private answered(answer: WriteResponse, entries: Batch): void {
    try {
      const { parse } = this.callContext;
      const { results = answer.successes } = answer;
      const successes = withSources(results, parse);
      this.results.answered({ ...answer, successes }, entries);
    } catch (error) {
      this.results.unknown(entries, error as Error);
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
        `The outcome of some documents is unknown: ${error.message}`,
        { id: "batch.client.outcome_unknown", status: 0, cause: error },
      );
    }
  }

  /** An earlier request that is still in flight could overwrite these documents. */
  private withoutMaybeInFlight(batch: Batch): Batch {
    if (this.maybeInFlight.size === 0) {
      return batch;
    }
    const isMaybeInFlight = (entry: Entry): boolean =>
      this.maybeInFlight.has(targetOf(this.command, entry.document) ?? "");
    for (const entry of batch.filter(isMaybeInFlight)) {
      this.results.fail(entry, {
        status: 409,
        code: "rejected",
        reason:
          "Not sent: the outcome of an earlier document with this _id is unknown.",
        retryable: false,
      });
    }
    return batch.filter((entry) => !isMaybeInFlight(entry));
  }

  /** With an id of its own, a document whose outcome is unknown can be identified. */
  private withId(document: unknown): unknown {
    // with a key, the server derives the same ids again
    return this.key === undefined
      ? withNewId(this.command.action, document, randomText)
      : document;
  }

  private targetsOf(batch: Batch): ReadonlySet<string> {
    return new Set(
      batch.flatMap(({ document }) => targetOf(this.command, document) ?? []),
    );
  }

  private request(documents: readonly unknown[], number: number): SdkRequest {
    const { action, index, collection, args, strict, atomic } = this.command;
    const { key } = this;
    return {
      controller: this.context.controller,
      action,
      index,
      ...(collection !== undefined && { collection }),
      ...argumentsOf({
        ...args,
        json: this.callContext.parse && true,
        strict: strict || undefined,
        atomic: atomic || undefined,
        idempotencyKey: number === 0 ? key : key && `${key}:${number}`,
      }),
      body: action === "batchWrite" ? { operations: documents } : { documents },
    };
  }
}
