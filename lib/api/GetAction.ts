import { HttpStream, type KuzzleRequest } from "kuzzle";

import { batchError, NATIVE_ERRORS } from "../errors";
import { batchGet } from "../operations/batchGet";
import type { Engine } from "../operations/engine";
import { streamGet } from "../operations/streamGet";
import type { GetCommand } from "../types";
import { Access } from "./access";
import { assertCompleteGet, getAnswer, type GetAnswer } from "./answers";
import { ndjsonStream } from "./ndjson";
import { parseGet, type GetRequest } from "./parseGet";
import { NATIVE_GET, readGuard } from "./readPipes";
import type { KuzzleServices } from "./services";

export interface GetLimits {
  readonly maxLookups: number;
  readonly maxResponseBytes: number;
}

/** `batch:batchGet`, from the request to the answer. */
export class GetAction {
  private readonly access: Access;

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly engine: Engine,
    private readonly limits: GetLimits,
  ) {
    this.access = new Access(kuzzle);
  }

  async run(request: KuzzleRequest): Promise<GetAnswer | HttpStream> {
    const asked = parseGet(request);
    const command = await this.admit(request, asked);
    const guard = readGuard(this.kuzzle, request);

    if (asked.format === "ndjson") {
      request.response.configure({
        headers: { "Content-Type": "application/x-ndjson" },
      });
      return new HttpStream(
        ndjsonStream(streamGet(command, this.engine, guard), (error) =>
          this.kuzzle.logError("A streamed batchGet broke off", error),
        ),
      );
    }
    const result = await batchGet(command, this.engine, guard);
    if (asked.strict) {
      assertCompleteGet(result);
    }
    return getAnswer(result, asked.entries);
  }

  /** Rights, existence, limits, in this order. */
  private async admit(
    request: KuzzleRequest,
    { index, requested, asked, defects, source }: GetRequest,
  ): Promise<GetCommand> {
    const named = new Set<string>();
    let wholeIndex = 0;
    for (const { collection } of asked) {
      if (collection === undefined) {
        wholeIndex++;
      } else {
        named.add(collection);
      }
    }
    const { access, limits } = this;
    await access.assertCollections(request, NATIVE_GET, index, [...named]);
    const collections =
      wholeIndex > 0
        ? await access.usableCollections(request, NATIVE_GET, index)
        : [];

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
      defects,
      collections,
      source,
      maxResponseBytes,
    };
  }
}
