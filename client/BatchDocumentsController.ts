import { BaseController, type Kuzzle } from "kuzzle-sdk";

import { calmWebSocket } from "./transport/calmWebSocket";
import { SYSTEM_CLOCK, type Clock } from "./transport/clock";
import { Connection } from "./transport/Connection";
import { RequestSender } from "./transport/RequestSender";
import { findAll } from "./read/found";
import { getAll } from "./read/getAll";
import type { GetCommand } from "./read/GetCommand";
import { Limits } from "./transport/Limits";
import { assertKnownOptions } from "./options";
import { openLoader } from "./read/loader";
import type { Sdk } from "./transport/sdk";
import type { ClientContext } from "./transport/ClientContext";
import type {
  RequestedDocument,
  BatchGetResult,
  BatchOperationsResult,
  BatchUpdateResult,
  BatchWriteOptions,
  BatchWriteResult,
  FoundDocument,
  FoundOptions,
  FoundWithoutSource,
  GetOptions,
  Items,
  Loader,
  LoaderOptions,
  Operation,
  RequestLimits,
  Source,
  UpdatedDocument,
  UpdateInput,
  UpdateOptions,
  WriteInput,
  WriteOptions,
  Writer,
  WriterOptions,
  WriteStreamOptions,
  WrittenDocument,
  WrittenWithoutSource,
} from "./types";
import { openWriter } from "./write/writer/openWriter";
import { openWriteStream } from "./write/writeStream";
import { writeAll } from "./write/writeAll";
import type { WriteCommand } from "./write/WriteCommand";

/**
 * The plugin's actions for programs that use kuzzle-sdk. A call may have any length:
 * it is split into requests within the server's limits, several requests are in flight
 * at a time, and their results are merged.
 *
 * After a lost connection, requests are sent again. For a logged-in user, each write has
 * an idempotency key, so that it is executed once; documents of anonymous writes whose
 * response was lost are in `errors` as `unknown_outcome`.
 *
 * Methods reject with a `BatchError` when the call as a whole cannot continue; its
 * `result` contains what was done until then. Documents that fail individually are in
 * the `errors` of the result. Invalid options throw a `RangeError`.
 *
 * @example
 * kuzzle.useController(BatchDocumentsController, "batch");
 * const batch = kuzzle["batch"] as BatchDocumentsController;
 *
 * @public
 */
export class BatchDocumentsController extends BaseController {
  private readonly context: ClientContext;

  /** @param clock for tests; `useController` passes none */
  constructor(kuzzle: Kuzzle, clock: Clock = SYSTEM_CLOCK) {
    super(kuzzle, "batch");
    const sdk = kuzzle as Sdk;
    calmWebSocket(sdk);
    const connection = new Connection(sdk, clock, () => limits.forget());
    const sender = new RequestSender(connection, clock);
    const limits = new Limits(this.name, sender, connection);
    this.context = {
      controller: this.name,
      kuzzle: sdk,
      connection,
      sender,
      limits,
      clock,
    };
  }

  /**
   * The server's limits for a request, requested once per connection.
   *
   * @throws {BatchError} `batch.client.limits_unknown` if the caller may not run
   *   `batch:limits` and `useLimits` was not called
   */
  limits(): Promise<RequestLimits> {
    return this.context.limits.get();
  }

  /** Sets the limits of a request, for users who may not run `batch:limits`. */
  useLimits(limits: RequestLimits): void {
    this.context.limits.use(limits);
  }

  /**
   * Gets documents of an index, either by id from all its collections that the user may
   * read, or by id and collection. Each document is read once and returned at the first
   * position where it was requested.
   */
  batchGet(
    index: string,
    requested: Items<RequestedDocument>,
    options: GetOptions & { readonly source: false },
  ): Promise<BatchGetResult<FoundWithoutSource>>;
  batchGet<T extends object = Source>(
    index: string,
    requested: Items<RequestedDocument>,
    options?: GetOptions,
  ): Promise<BatchGetResult<FoundDocument<T>>>;
  async batchGet(
    index: string,
    requested: Items<RequestedDocument>,
    options: GetOptions = {},
  ): Promise<BatchGetResult<never>> {
    assertKnownOptions("batchGet", options);
    return getAll(
      this.context,
      getCommand(index, options),
      requested,
    ) as Promise<BatchGetResult<never>>;
  }

  /**
   * Iterates over the documents found, in the order requested, and keeps the documents
   * of only a few requests in memory. A document that is requested again in a later
   * request is returned again.
   *
   * @throws {BatchError} from the iteration
   */
  found<T extends object = Source>(
    index: string,
    requested: Items<RequestedDocument> | AsyncIterable<RequestedDocument>,
    options: FoundOptions = {},
  ): AsyncIterableIterator<FoundDocument<T>> {
    assertKnownOptions("found", options);
    return findAll(
      this.context,
      getCommand(index, options),
      requested,
      options,
    ) as AsyncIterableIterator<FoundDocument<T>>;
  }

  /**
   * Creates or replaces whole documents. Documents with the same `_id` are written in
   * the order given.
   */
  mWrite(
    index: string,
    collection: string,
    documents: Items<WriteInput<object>>,
    options: WriteOptions & { readonly source: false },
  ): Promise<BatchWriteResult<WrittenWithoutSource>>;
  mWrite<T extends object = Source>(
    index: string,
    collection: string,
    documents: Items<WriteInput<T>>,
    options?: WriteOptions,
  ): Promise<BatchWriteResult<WrittenDocument<T>>>;
  async mWrite(
    index: string,
    collection: string,
    documents: Items<WriteInput<object>>,
    options: WriteOptions = {},
  ): Promise<BatchWriteResult<never>> {
    assertKnownOptions("mWrite", options);
    const command = writeCommand(
      { action: "mWrite", index, collection, options },
      lengthOf(documents),
    );
    return writeAll(this.context, command, documents) as Promise<
      BatchWriteResult<never>
    >;
  }

  /** Updates parts of documents, with Kuzzle's metadata and notifications. */
  mUpdate<T extends object = Source>(
    index: string,
    collection: string,
    documents: Items<UpdateInput<T>>,
    options: UpdateOptions & { readonly source: true },
  ): Promise<BatchUpdateResult<UpdatedDocument<T>>>;
  mUpdate<T extends object = Source>(
    index: string,
    collection: string,
    documents: Items<UpdateInput<T>>,
    options?: UpdateOptions,
  ): Promise<BatchUpdateResult>;
  async mUpdate(
    index: string,
    collection: string,
    documents: Items<UpdateInput<object>>,
    options: UpdateOptions = {},
  ): Promise<BatchUpdateResult<never>> {
    assertKnownOptions("mUpdate", options);
    const command = writeCommand(
      { action: "mUpdate", index, collection, options },
      lengthOf(documents),
    );
    return writeAll(this.context, command, documents) as Promise<
      BatchUpdateResult<never>
    >;
  }

  /**
   * Runs any mixture of write operations on the collections of an index. Operations on
   * the same document are executed in the order given.
   *
   * @typeParam T the type of `_source`. It is not inferred, because operations on
   *   different documents name different fields.
   */
  async batchWrite<T extends object = Source>(
    index: string,
    operations: Items<Operation<NoInfer<T>>>,
    options: BatchWriteOptions = {},
  ): Promise<BatchOperationsResult<T>> {
    assertKnownOptions("batchWrite", options);
    const command = writeCommand(
      { action: "batchWrite", index, collection: options.collection, options },
      lengthOf(operations),
    );
    const result: unknown = await writeAll(this.context, command, operations);
    return result as BatchOperationsResult<T>;
  }

  /**
   * Returns a web stream that writes documents. `close()` resolves when the last one is
   * written. The results are not kept.
   */
  writeStream<T extends object = Source>(
    index: string,
    collection: string,
    options: WriteStreamOptions<T> = {},
  ): WritableStream<WriteInput<T>> {
    assertKnownOptions("writeStream", options);
    const { action = "mWrite" } = options;
    const command = writeCommand(
      { action, index, collection, options },
      undefined,
    );
    return openWriteStream(this.context, command, options);
  }

  /**
   * Collects single operations on the documents of an index into batchWrite and
   * batchGet calls, for `flushIntervalMs` or until there are `batchSize` of them.
   */
  writer(options: WriterOptions): Writer {
    assertKnownOptions("writer", options);
    return openWriter(this, this.context.clock, options);
  }

  /**
   * Collects the single gets of one tick into one batchGet. Loaded documents are
   * cached, so use one loader per user and unit of work.
   */
  loader(options: LoaderOptions = {}): Loader {
    assertKnownOptions("loader", options);
    return openLoader(this, options);
  }
}

/**
 * Adds the controller to an SDK object unless it has it, and returns it typed.
 *
 * @public
 */
export function useBatch(
  kuzzle: Kuzzle,
  accessor = "batch",
): BatchDocumentsController {
  if (!(kuzzle[accessor] instanceof BatchDocumentsController)) {
    kuzzle.useController(BatchDocumentsController, accessor);
  }
  return kuzzle[accessor] as BatchDocumentsController;
}

function getCommand(index: string, options: GetOptions): GetCommand {
  const { collection, source, sourceExcludes, strict = false } = options;
  return {
    index,
    collection,
    args: { source, sourceExcludes },
    strict,
    options,
  };
}

interface WriteRequest {
  readonly action: WriteCommand["action"];
  readonly index: string;
  readonly collection: string | undefined;
  readonly options: WriteOptions & UpdateOptions;
}

function writeCommand(
  { action, index, collection, options }: WriteRequest,
  total: number | undefined,
): WriteCommand {
  const { refresh, notify, source, retryOnConflict, silent } = options;
  const { strict = false, atomic = false, idempotencyKey } = options;
  return {
    action,
    index,
    collection,
    args:
      action === "mWrite"
        ? { refresh, notify, source }
        : { refresh, source, retryOnConflict, silent },
    strict,
    atomic,
    idempotencyKey,
    total,
    options,
  };
}

function lengthOf(documents: Iterable<unknown>): number | undefined {
  return Array.isArray(documents) ? documents.length : undefined;
}
