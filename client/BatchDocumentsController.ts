import { BaseController, type Kuzzle } from "kuzzle-sdk";

import { calmWebSocket } from "./transport/calmWebSocket";
import { SYSTEM_CLOCK, type Clock } from "./transport/clock";
import { Connection } from "./transport/Connection";
import { RequestSender } from "./transport/RequestSender";
import { findAll } from "./read/found";
import { getAll } from "./read/getAll";
import type { GetCommand } from "./read/GetCommand";
import { Limits } from "./transport/Limits";
import { openLoader } from "./read/loader";
import type { Sdk } from "./transport/sdk";
import type { ClientContext } from "./transport/ClientContext";
import type {
  RequestedDocument,
  BatchGetResult,
  BatchUpdateResult,
  BatchWriteResult,
  FoundDocument,
  FoundOptions,
  FoundWithoutSource,
  GetOptions,
  Loader,
  LoaderOptions,
  RequestLimits,
  Source,
  UpdatedDocument,
  UpdateInput,
  UpdateOptions,
  WriteInput,
  WriteOptions,
  WriteStreamOptions,
  WrittenDocument,
  WrittenWithoutSource,
} from "./types";
import { openWriteStream } from "./write/writeStream";
import { writeAll } from "./write/writeAll";
import type { WriteCommand } from "./write/WriteCommand";

/**
 * The plugin's actions for programs that use kuzzle-sdk: requests of any length, cut
 * below the server's limits, sent several at a time and merged again.
 *
 * A lost connection is waited for and the request sent again. For a user who is
 * logged in, each write has an idempotency key, so that it is done once; of anonymous
 * writes that were lost, the documents are in `errors` as `unknown_outcome`.
 *
 * Methods reject with a `BatchError` when a call as a whole can't go on; its `result`
 * has what was done by then. Documents that fail by themselves are in the `errors` of
 * the result. Unsound options are a `RangeError`.
 *
 * @example
 * kuzzle.useController(BatchDocumentsController, "batch");
 * const batch = kuzzle["batch"] as BatchDocumentsController;
 */
export class BatchDocumentsController extends BaseController {
  private readonly context: ClientContext;

  /** @param clock for tests; `useController` gives none */
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
    };
  }

  /**
   * What a request may hold on this server. Asked once per connection.
   *
   * @throws {BatchError} `batch.client.limits_unknown`, where the caller may not run
   * `batch:limits` and `useLimits` was not called
   */
  limits(): Promise<RequestLimits> {
    return this.context.limits.get();
  }

  /** Says what a request may hold, for callers who may not ask. */
  useLimits(limits: RequestLimits): void {
    this.context.limits.use(limits);
  }

  /**
   * Gets documents of an index, by id in all its collections that the caller may
   * read, or by id and collection. Each document is read and answered once, at its
   * first place.
   */
  batchGet(
    index: string,
    requested: Iterable<RequestedDocument>,
    options: GetOptions & { readonly source: false },
  ): Promise<BatchGetResult<FoundWithoutSource>>;
  batchGet<T extends object = Source>(
    index: string,
    requested: Iterable<RequestedDocument>,
    options?: GetOptions,
  ): Promise<BatchGetResult<FoundDocument<T>>>;
  batchGet(
    index: string,
    requested: Iterable<RequestedDocument>,
    options: GetOptions = {},
  ): Promise<BatchGetResult<never>> {
    return getAll(
      this.context,
      getCommand(index, options),
      requested,
    ) as Promise<BatchGetResult<never>>;
  }

  /**
   * Iterates over the documents that are found, in the order in which they are asked
   * for, with only a few requests' worth of them in memory. An id that is asked for
   * again in another request is found again.
   *
   * @throws {BatchError} from the iteration
   */
  found<T extends object = Source>(
    index: string,
    requested: Iterable<RequestedDocument> | AsyncIterable<RequestedDocument>,
    options: FoundOptions = {},
  ): AsyncIterableIterator<FoundDocument<T>> {
    return findAll(
      this.context,
      getCommand(index, options),
      requested,
      options,
    ) as AsyncIterableIterator<FoundDocument<T>>;
  }

  /**
   * Creates or replaces documents as they are. Documents with the same `_id` are
   * written in their order.
   */
  mWrite(
    index: string,
    collection: string,
    documents: Iterable<WriteInput<object>>,
    options: WriteOptions & { readonly source: false },
  ): Promise<BatchWriteResult<WrittenWithoutSource>>;
  mWrite<T extends object = Source>(
    index: string,
    collection: string,
    documents: Iterable<WriteInput<T>>,
    options?: WriteOptions,
  ): Promise<BatchWriteResult<WrittenDocument<T>>>;
  mWrite(
    index: string,
    collection: string,
    documents: Iterable<WriteInput<object>>,
    options: WriteOptions = {},
  ): Promise<BatchWriteResult<never>> {
    const command = writeCommand(
      { action: "mWrite", index, collection, options },
      lengthOf(documents),
    );
    return writeAll(this.context, command, documents) as Promise<
      BatchWriteResult<never>
    >;
  }

  /** Changes a part of each document, with Kuzzle's metadata and notifications. */
  mUpdate<T extends object = Source>(
    index: string,
    collection: string,
    documents: Iterable<UpdateInput<T>>,
    options: UpdateOptions & { readonly source: true },
  ): Promise<BatchUpdateResult<UpdatedDocument<T>>>;
  mUpdate<T extends object = Source>(
    index: string,
    collection: string,
    documents: Iterable<UpdateInput<T>>,
    options?: UpdateOptions,
  ): Promise<BatchUpdateResult>;
  mUpdate(
    index: string,
    collection: string,
    documents: Iterable<UpdateInput<object>>,
    options: UpdateOptions = {},
  ): Promise<BatchUpdateResult<never>> {
    const command = writeCommand(
      { action: "mUpdate", index, collection, options },
      lengthOf(documents),
    );
    return writeAll(this.context, command, documents) as Promise<
      BatchUpdateResult<never>
    >;
  }

  /**
   * A web stream that writes the documents that it is given; `close()` resolves when
   * the last is written. Nothing of what is answered is kept.
   */
  writeStream<T extends object = Source>(
    index: string,
    collection: string,
    options: WriteStreamOptions<T> = {},
  ): WritableStream<WriteInput<T>> {
    const { action = "mWrite" } = options;
    const command = writeCommand(
      { action, index, collection, options },
      undefined,
    );
    return openWriteStream(this.context, command, options);
  }

  /**
   * Collects the single gets of one tick into one batchGet. It remembers what it has
   * loaded: make one per user and piece of work.
   */
  loader(options: LoaderOptions = {}): Loader {
    return openLoader(this, options);
  }
}

/**
 * Adds the controller to an SDK object, unless it is there, and gives it with its type.
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
  readonly action: "mWrite" | "mUpdate";
  readonly index: string;
  readonly collection: string;
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
