import { aborted } from "../transport/abort";
import { begin, type Beginning } from "../transport/begin";
import { BatchError } from "../errors/BatchError";
import type { GetCommand } from "./getAll";
import {
  asAddress,
  locate,
  questionKey,
  type GetAnswer,
  type Question,
  type Round,
} from "./locate";
import type { SdkRequest } from "../transport/sdk";
import { jsonBytes, Splitter } from "../write/split";
import {
  argumentsOf,
  envelopeBytes,
  type Tools,
} from "../transport/ClientContext";
import type { AskedDocument, GetError } from "../types";
import { isServerError } from "../transport/errorClassifier";

/** Asks for documents, request by request. */
export class GetCall {
  private readonly splitter: Splitter<Question>;
  /** as many ids as an index with all its collections can be asked for */
  private maxIds: number;

  /** @throws as `begin` */
  static async open(tools: Tools, command: GetCommand): Promise<GetCall> {
    return new GetCall(tools, command, await begin(tools, command.options));
  }

  private constructor(
    private readonly tools: Tools,
    private readonly command: GetCommand,
    private readonly beginning: Beginning,
  ) {
    const { limits, options } = beginning;
    this.maxIds = limits.maxLookups;
    this.splitter = new Splitter<Question>(
      {
        maxBytes: limits.maxRequestBytes,
        maxCount: Math.min(options.batchSize, limits.documentsFetchCount),
        envelopeBytes: envelopeBytes(tools, this.request([])),
      },
      ({ asked }) => jsonBytes(this.addressed(asked)),
    );
  }

  get concurrency(): number {
    return this.beginning.options.concurrency;
  }

  /** @returns the requests that a document completes, or why it can't be asked for */
  push(question: Question): {
    readonly batches: readonly (readonly Question[])[];
    readonly error?: GetError;
  } {
    const batches: (readonly Question[])[] = [];
    try {
      for (const part of this.splitter.push(question)) {
        if (part.kind === "too_large") {
          return { batches, error: tooLarge(question, part.bytes) };
        }
        batches.push(part.items);
      }
    } catch (thrown) {
      return { batches, error: noJson(question, thrown) };
    }
    return { batches };
  }

  flush(): readonly (readonly Question[])[] {
    return this.splitter.flush().map(({ items }) => items);
  }

  /** Each document once, at its first place. */
  unique(questions: readonly Question[]): readonly Question[] {
    const seen = new Set<string>();
    return questions.filter(({ asked }) => {
      const key = questionKey(asked, this.command.collection);
      const isNew = key === undefined || !seen.has(key);
      if (key !== undefined) seen.add(key);
      return isNew;
    });
  }

  /** Sends one request, in which each document is asked for once. What it leaves over is `unprocessed`. */
  async ask(questions: readonly Question[]): Promise<Round> {
    const now = questions.slice(0, this.maxIds);
    const later = questions.slice(this.maxIds);
    const { identity, options } = this.beginning;
    const { signal } = this.command.options;
    const delivery = await this.tools.courier.deliver(this.request(now), {
      identity,
      kind: "read",
      isRepeatable: true,
      retryForMs: options.retryForMs,
      signal,
    });
    if (delivery.kind === "answered") {
      const { collection } = this.command;
      const round = locate(delivery.result as GetAnswer, now, collection);
      return { ...round, unprocessed: [...round.unprocessed, ...later] };
    }
    const { error } = delivery;
    if (isTooManyLookups(error) && now.length > 1) {
      // how many collections there are is not told
      this.maxIds = Math.min(this.maxIds, Math.ceil(now.length / 2));
      return this.ask(questions);
    }
    if (delivery.kind === "refused") {
      throw error;
    }
    throw signal?.aborted
      ? aborted(signal)
      : new BatchError(`No answer came: ${error.message}`, {
          id: "batch.client.disconnected",
          status: 0,
          cause: error,
        });
  }

  /** Over HTTP the SDK does not send a collection beside an index: each entry has it. */
  private addressed(asked: AskedDocument): unknown {
    const { collection } = this.command;
    return {
      ...(collection !== undefined && { collection }),
      ...asAddress(asked),
    };
  }

  private request(questions: readonly Question[]): SdkRequest {
    const { index, collection, args } = this.command;
    const list = questions.map(({ asked }) => asked);
    const areIds =
      collection === undefined &&
      list.every((each) => typeof each === "string");
    return {
      controller: this.tools.controller,
      action: "batchGet",
      index,
      ...argumentsOf(args),
      body: areIds
        ? { ids: list }
        : { documents: list.map((each) => this.addressed(each)) },
    };
  }
}

function isTooManyLookups(error: Error): boolean {
  return isServerError(error) && error.id === "batch.get.too_many_lookups";
}

function tooLarge({ asked, position }: Question, bytes: number): GetError {
  return {
    ...asAddress(asked),
    position,
    status: 413,
    code: "too_large",
    reason: `A request with this id alone takes ${bytes} bytes, which is more than the server takes.`,
    retryable: false,
  };
}

function noJson({ asked, position }: Question, error: unknown): GetError {
  return {
    ...asAddress(asked),
    position,
    status: 400,
    code: "invalid",
    reason: `The id has no JSON: ${(error as Error).message}`,
    retryable: false,
  };
}
