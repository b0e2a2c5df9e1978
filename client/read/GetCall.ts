import { aborted } from "../transport/abort";
import { openCallContext, type CallContext } from "../transport/callContext";
import { BatchError } from "../errors/BatchError";
import type { GetCommand } from "./GetCommand";
import {
  asAddress,
  locate,
  documentKey,
  type GetResponse,
  type PositionedDocument,
  type GetRound,
} from "./locate";
import type { SdkRequest } from "../transport/sdk";
import { withSources } from "../transport/numbers";
import { jsonBytes, Splitter } from "../transport/split";
import {
  argumentsOf,
  envelopeBytes,
  type ClientContext,
} from "../transport/ClientContext";
import type { RequestedDocument, GetError } from "../types";
import { isServerError } from "../transport/errorClassifier";
import { ABORT_GRACE_MS } from "../transport/RequestSender";

/** Reads documents, request by request. */
export class GetCall {
  private readonly splitter: Splitter<PositionedDocument>;
  /** maximum number of ids per request: lower if each is looked up in many collections */
  private maxIds: number;

  /**
   * @param total number of documents, if known
   * @throws as `openCallContext`
   */
  static async open(
    context: ClientContext,
    command: GetCommand,
    total?: number,
  ): Promise<GetCall> {
    return new GetCall(
      context,
      command,
      await openCallContext(context, command.options, total),
    );
  }

  private constructor(
    private readonly context: ClientContext,
    private readonly command: GetCommand,
    private readonly callContext: CallContext,
  ) {
    const { limits, options } = callContext;
    this.maxIds = limits.maxLookups;
    this.splitter = new Splitter<PositionedDocument>(
      {
        maxBytes: limits.maxRequestBytes,
        maxCount: Math.min(options.batchSize, limits.documentsFetchCount),
        envelopeBytes: envelopeBytes(context, this.request([])),
      },
      ({ requested }) => jsonBytes(this.addressed(requested)),
    );
  }

  get concurrency(): number {
    return this.callContext.options.concurrency;
  }

  /** @returns the requests that a document completes, or why it cannot be sent */
  push(document: PositionedDocument): {
    readonly batches: readonly (readonly PositionedDocument[])[];
    readonly error?: GetError;
  } {
    const batches: (readonly PositionedDocument[])[] = [];
    try {
      for (const part of this.splitter.push(document)) {
        if (part.kind === "too_large") {
          return { batches, error: tooLarge(document, part.bytes) };
        }
        batches.push(part.items);
      }
    } catch (thrown) {
      return { batches, error: noJson(document, thrown) };
    }
    return { batches };
  }

  flush(): readonly (readonly PositionedDocument[])[] {
    return this.splitter.flush().map(({ items }) => items);
  }

  /** Each document once, at its first position. */
  unique(
    documents: readonly PositionedDocument[],
  ): readonly PositionedDocument[] {
    const seen = new Set<string>();
    return documents.filter(({ requested }) => {
      const key = documentKey(requested, this.command.collection);
      const isNew = key === undefined || !seen.has(key);
      if (key !== undefined) seen.add(key);
      return isNew;
    });
  }

  /**
   * Sends one request for distinct documents. Those without a result are `unprocessed`.
   */
  async fetch(documents: readonly PositionedDocument[]): Promise<GetRound> {
    const now = documents.slice(0, this.maxIds);
    const later = documents.slice(this.maxIds);
    const { identity, options } = this.callContext;
    const { signal } = this.command.options;
    const sent = await this.context.sender.send(this.request(now), {
      identity,
      isRepeatable: true,
      retryForMs: options.retryForMs,
      abortGraceMs: ABORT_GRACE_MS.read,
      signal,
    });
    if (sent.kind === "answered") {
      const { collection } = this.command;
      const response = sent.result as GetResponse;
      const documents = withSources(response.documents, this.callContext.parse);
      const round = locate({ ...response, documents }, now, collection);
      return { ...round, unprocessed: [...round.unprocessed, ...later] };
    }
    const { error } = sent;
    if (isTooManyLookups(error) && now.length > 1) {
      // the number of collections is unknown
      this.maxIds = Math.min(this.maxIds, Math.ceil(now.length / 2));
      return this.fetch(documents);
    }
    if (sent.kind === "failed") {
      throw error;
    }
    throw signal?.aborted
      ? aborted(signal)
      : new BatchError(`No response: ${error.message}`, {
          id: "batch.client.disconnected",
          status: 0,
          cause: error,
        });
  }

  /** Over HTTP, the SDK drops a collection next to an index, so each entry carries it. */
  private addressed(requested: RequestedDocument): unknown {
    const { collection } = this.command;
    return {
      ...(collection !== undefined && { collection }),
      ...asAddress(requested),
    };
  }

  private request(documents: readonly PositionedDocument[]): SdkRequest {
    const { index, collection, args } = this.command;
    const list = documents.map(({ requested }) => requested);
    const areIds =
      collection === undefined &&
      list.every((each) => typeof each === "string");
    return {
      controller: this.context.controller,
      action: "batchGet",
      index,
      ...argumentsOf({ ...args, json: this.callContext.parse && true }),
      body: areIds
        ? { ids: list }
        : { documents: list.map((each) => this.addressed(each)) },
    };
  }
}

function isTooManyLookups(error: Error): boolean {
  return isServerError(error) && error.id === "batch.get.too_many_lookups";
}

function tooLarge(
  { requested, position }: PositionedDocument,
  bytes: number,
): GetError {
  return {
    ...asAddress(requested),
    position,
    status: 413,
    code: "too_large",
    reason: `A request with only this id has ${bytes} bytes, more than the server accepts.`,
    retryable: false,
  };
}

function noJson(
  { requested, position }: PositionedDocument,
  error: unknown,
): GetError {
  return {
    ...asAddress(requested),
    position,
    status: 400,
    code: "invalid",
    reason: `The id cannot be converted to JSON: ${(error as Error).message}`,
    retryable: false,
  };
}
