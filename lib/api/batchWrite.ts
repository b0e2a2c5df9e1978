import type { KuzzleRequest } from "kuzzle";

import { NATIVE_ERRORS } from "../errors";
import type { IdempotencyKey } from "../idempotency/key";
import type { OperationName } from "../types";
import { newIds } from "./mWrite";
import { Arguments } from "./request/Arguments";
import { parseOperations } from "./request/parseWrite";
import {
  operationEntry,
  operationsAnswer,
  type OperationsAnswer,
} from "./response/answers";
import { assertAtomicSize } from "./response/atomicErrors";
import type { RequestedWrite, WriteAction, WriteRunner } from "./writeRunner";

/**
 * `bulk:mWrite` has no limit. The limit of `document:mDelete` counts the documents that
 * its search found, and there is no search here: the request size limits deletions.
 */
const UNLIMITED: ReadonlySet<OperationName> = new Set(["write", "delete"]);

/** `batch:batchWrite`: any mixture of writes to the collections of one index. */
export class BatchWriteAction implements WriteAction<OperationsAnswer> {
  readonly name = "batchWrite";
  readonly errors = "write";
  readonly toEntry = operationEntry;
  readonly toAnswer = operationsAnswer;

  constructor(private readonly runner: WriteRunner) {}

  run(request: KuzzleRequest): Promise<OperationsAnswer> {
    return this.runner.run(request, this);
  }

  read(
    request: KuzzleRequest,
    key: IdempotencyKey | undefined,
  ): RequestedWrite {
    const args = new Arguments(request);
    const collection = args.optionalName("collection");
    const atomic = args.flag("atomic");
    return {
      index: args.name("index"),
      ...(collection !== undefined && { collection }),
      refresh: args.refresh(),
      strict: args.flag("strict") || atomic,
      ...parseOperations(args, collection, {
        allowsRepeats: !atomic,
        newId: newIds(key),
      }),
      counter: "written",
      atomic,
      retryOnConflict: args.count(
        "retryOnConflict",
        this.runner.context.kuzzle.defaultConflictRetries,
      ),
      silent: args.flag("silent"),
      notifiesWrites: false,
      withSource: args.flag("source", false),
    };
  }

  assertLimits(command: RequestedWrite): void {
    const { kuzzle, limits } = this.runner.context;
    const limited = command.documents.filter(({ op }) => !UNLIMITED.has(op));
    if (limited.length > kuzzle.documentsWriteCount) {
      throw NATIVE_ERRORS.writeLimitExceeded();
    }
    if (command.atomic) {
      assertAtomicSize(command, limits);
    }
  }
}
