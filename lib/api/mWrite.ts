import type { KuzzleRequest } from "kuzzle";
import { randomUUID } from "node:crypto";

import { derivedId, type IdempotencyKey } from "../idempotency/key";
import type { WrittenDocument } from "../core/documents";
import { Arguments } from "./request/Arguments";
import { parseDocuments } from "./request/parseWrite";
import {
  documentEntry,
  writeAnswer,
  type WriteAnswer,
} from "./response/answers";
import { assertAtomicSize } from "./response/atomicErrors";
import type { RequestedWrite, WriteAction, WriteRunner } from "./writeRunner";

/** `batch:mWrite`: creates or replaces documents of one collection. */
export class MWriteAction implements WriteAction<WriteAnswer<WrittenDocument>> {
  readonly name = "mWrite";
  readonly errors = "write";
  readonly toEntry = documentEntry;
  readonly toAnswer = writeAnswer;

  constructor(private readonly runner: WriteRunner) {}

  run(request: KuzzleRequest): Promise<WriteAnswer<WrittenDocument>> {
    return this.runner.run(request, this);
  }

  read(
    request: KuzzleRequest,
    key: IdempotencyKey | undefined,
  ): RequestedWrite {
    const args = new Arguments(request);
    const atomic = args.flag("atomic");
    const kind = { op: "write", collection: args.name("collection") } as const;
    return {
      index: args.name("index"),
      collection: kind.collection,
      refresh: args.refresh(),
      strict: args.flag("strict") || atomic,
      ...parseDocuments(args, kind, {
        allowsRepeats: !atomic,
        newId: newIds(key),
      }),
      kinds: [kind],
      counter: "written",
      atomic,
      retryOnConflict: 0,
      silent: false,
      notifiesWrites: args.flag("notify"),
      withSource: args.flag("source", true),
    };
  }

  assertLimits(command: RequestedWrite): void {
    if (command.atomic) {
      assertAtomicSize(command, this.runner.context.limits);
    }
  }
}

/** Ids for documents without one; with a key, a repeated request gets the same ids. */
export function newIds(
  key: IdempotencyKey | undefined,
): (position: number) => string {
  return (position) =>
    key === undefined ? randomUUID() : derivedId(key, position);
}
