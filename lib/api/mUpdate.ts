import type { KuzzleRequest } from "kuzzle";

import { NATIVE_ERRORS } from "../errors";
import { Arguments } from "./request/Arguments";
import { parseDocuments } from "./request/parseWrite";
import {
  documentEntry,
  updateAnswer,
  type UpdateAnswer,
} from "./response/answers";
import type { RequestedWrite, WriteAction, WriteRunner } from "./writeRunner";

/** `batch:mUpdate`: changes fields of documents of one collection. */
export class MUpdateAction implements WriteAction<UpdateAnswer> {
  readonly name = "mUpdate";
  readonly errors = "update";
  readonly toEntry = documentEntry;
  readonly toAnswer = updateAnswer;

  constructor(private readonly runner: WriteRunner) {}

  run(request: KuzzleRequest): Promise<UpdateAnswer> {
    return this.runner.run(request, this);
  }

  read(request: KuzzleRequest): RequestedWrite {
    const args = new Arguments(request);
    const kind = { op: "update", collection: args.name("collection") } as const;
    return {
      index: args.name("index"),
      collection: kind.collection,
      refresh: args.refresh(),
      strict: args.flag("strict"),
      ...parseDocuments(args, kind, { allowsRepeats: true }),
      kinds: [kind],
      counter: "updated",
      atomic: false,
      retryOnConflict: args.count(
        "retryOnConflict",
        this.runner.context.kuzzle.defaultConflictRetries,
      ),
      silent: args.flag("silent"),
      notifiesWrites: false,
      withSource: args.flag("source", false),
    };
  }

  assertLimits({ requested }: RequestedWrite): void {
    if (requested > this.runner.context.kuzzle.documentsWriteCount) {
      throw NATIVE_ERRORS.writeLimitExceeded();
    }
  }
}
