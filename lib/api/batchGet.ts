import { reportUnavailability } from "./response/engineErrors";
import { HttpStream, type KuzzleRequest } from "kuzzle";

import { batchError, NATIVE_ERRORS } from "../errors";
import type { ReadHooks } from "../core/read/readDocuments";
import { batchGet, readParts, type GetPart } from "../core/read/batchGet";
import type { ExecutionContext } from "../core/ExecutionContext";
import type { GetError, Stats } from "../types";
import type { GetCommand, GetResult } from "../core/commands";
import { Access } from "../kuzzle/rights/Access";
import {
  assertCompleteGet,
  getAnswer,
  type GetAnswer,
} from "./response/answers";
import { exactness, withText } from "./response/asText";
import {
  isOnlyForClient,
  mayAnswerRaw,
  skipResultCheck,
} from "./response/resultCheck";
import {
  countCodes,
  measured,
  type ActionSummary,
  type ActionTrace,
  type Instruments,
} from "../observability/instruments";
import { ndjsonStream } from "./response/ndjson";
import { parseGet, type GetRequest } from "./request/parseBatchGet";
import { NATIVE_GET, readHooks } from "../kuzzle/events/readHooks";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";
import {
  canPreSerialize,
  preSerializedResponse,
} from "./response/preSerializedResponse";

export interface GetLimits {
  readonly maxLookups: number;
  readonly maxResponseBytes: number;
}

/** `batch:batchGet`, from the request to the answer. */
export class BatchGetAction {
  private readonly access: Access;

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly execution: ExecutionContext,
    private readonly instruments: Instruments,
    private readonly limits: GetLimits,
  ) {
    this.access = new Access(kuzzle);
  }

  async run(
    request: KuzzleRequest,
  ): Promise<GetAnswer | HttpStream | string | Buffer> {
    const trace = this.instruments.start("batchGet");
    try {
      return await this.answer(request, trace);
    } catch (error) {
      trace.fail(error);
      throw error;
    }
  }

  private async answer(
    request: KuzzleRequest,
    trace: ActionTrace,
  ): Promise<GetAnswer | HttpStream | string | Buffer> {
    const asked = parseGet(request);
    if (asked.format === "ndjson") {
      return this.stream(request, asked, trace);
    }
    const isWritten = !asked.asText && canPreSerialize(request, this.kuzzle);
    const isRaw =
      isWritten ||
      asked.asText ||
      mayAnswerRaw(request, this.kuzzle, [NATIVE_GET]);
    const result = await this.find(request, asked, trace, isRaw);
    if (asked.strict) {
      assertCompleteGet(result);
    }
    const answer = getAnswer(result, asked.entries);
    const given = isWritten
      ? preSerializedResponse(request, answer)
      : skipResultCheck(request, this.kuzzle, [NATIVE_GET], answer);
    trace.succeed();
    return given;
  }

  /**
   * Reads for the compatibility APIs, whose requests and responses have other shapes.
   *
   * `isSeen`: listeners of the application will read the response, in which sources may
   * still be text
   */
  read(
    request: KuzzleRequest,
    parse: (request: KuzzleRequest) => GetRequest,
  ): Promise<{ asked: GetRequest; result: GetResult; isSeen: boolean }> {
    return measured(this.instruments, "batchGet", async (trace) => {
      const asked = parse(request);
      const isRaw = mayAnswerRaw(request, this.kuzzle, [NATIVE_GET]);
      const result = await this.find(request, asked, trace, isRaw);
      if (isRaw) {
        this.kuzzle.answerRaw(request);
      }
      const isSeen = !isOnlyForClient(request, this.kuzzle, [NATIVE_GET]);
      return { asked, result, isSeen };
    });
  }

  private async prepare(
    request: KuzzleRequest,
    asked: GetRequest,
    trace: ActionTrace,
    isRaw: boolean,
  ): Promise<{ command: GetCommand; hooks: ReadHooks | undefined }> {
    trace.target(asked.index, asked.collection);
    const command = await this.admit(request, asked, isRaw);
    return { command, hooks: readHooks(this.kuzzle, request) };
  }

  private async find(
    request: KuzzleRequest,
    asked: GetRequest,
    trace: ActionTrace,
    isRaw: boolean,
  ): Promise<GetResult> {
    const { command, hooks } = await this.prepare(request, asked, trace, isRaw);
    const result = await batchGet(command, this.execution, hooks).catch(
      reportUnavailability,
    );
    trace.report(
      summaryOf(result.stats, result.unprocessed.length, result.errors),
    );
    return result;
  }

  private async stream(
    request: KuzzleRequest,
    asked: GetRequest,
    trace: ActionTrace,
  ): Promise<HttpStream> {
    const { command, hooks } = await this.prepare(request, asked, trace, true);
    request.response.configure({
      headers: { "Content-Type": "application/x-ndjson" },
    });
    const parts = this.traced(
      readParts(command, this.execution, hooks, "streamed"),
      trace,
    );
    const isExact = exactness(this.kuzzle, [NATIVE_GET]);
    return new HttpStream(
      ndjsonStream(parts, (document) =>
        asked.asText ? withText(document, isExact) : document,
      ),
    );
  }

  /**
   * Ends the trace when the stream ends or its reader disconnects. A failure ends the
   * stream without its last line, since Kuzzle crashes on a stream that reports an
   * error (tried: 2.56).
   */
  private async *traced(
    parts: AsyncIterable<GetPart>,
    trace: ActionTrace,
  ): AsyncGenerator<GetPart, void, void> {
    let isOver = false;
    const errors: GetError[] = [];
    try {
      for await (const part of parts) {
        if (part.kind === "lists") errors.push(...part.lists.errors);
        if (part.kind === "stats") {
          isOver = true;
          trace.report(summaryOf(part.stats, part.unprocessed.length, errors));
          trace.succeed();
        }
        yield part;
      }
    } catch (error) {
      isOver = true;
      trace.fail(error);
      this.kuzzle.logError("A streamed batchGet was interrupted", error);
    } finally {
      if (!isOver) {
        trace.fail(new DOMException("The reader disconnected.", "AbortError"));
      }
    }
  }

  /** Checks rights, existence and limits, in this order. */
  private async admit(
    request: KuzzleRequest,
    { index, named, requested, asked, validationErrors, source }: GetRequest,
    isRaw: boolean,
  ): Promise<GetCommand> {
    const wholeIndex = asked.filter(
      ({ collection }) => collection === undefined,
    ).length;
    const { access, limits } = this;
    await access.assertRights(request, NATIVE_GET, index, named);
    // a request that names no collection at all searches all of them
    const collections =
      wholeIndex > 0 || named.length === 0
        ? await access.usableCollections(request, NATIVE_GET, index)
        : [];
    await access.assertExistence(index, named);

    if (requested > this.kuzzle.documentsFetchCount) {
      throw NATIVE_ERRORS.getLimitExceeded();
    }
    const lookups = asked.length + wholeIndex * (collections.length - 1);
    if (lookups > limits.maxLookups) {
      throw batchError("batch.get.too_many_lookups", {
        lookups,
        allowed: limits.maxLookups,
      });
    }
    const { maxResponseBytes } = limits;
    return {
      index,
      requested,
      asked,
      validationErrors,
      collections,
      source,
      isRaw,
      maxResponseBytes,
    };
  }
}

function summaryOf(
  stats: Stats,
  unprocessed: number,
  given: readonly GetError[],
): ActionSummary {
  const { found = 0, notFound = 0, errors } = stats;
  return {
    stats,
    conflictRetries: 0,
    isComplete: errors === 0 && unprocessed === 0,
    documents: { found, not_found: notFound, error: errors, unprocessed },
    operations: [],
    errorCodes: countCodes(given),
  };
}
