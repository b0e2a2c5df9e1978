import type { KuzzleRequest } from "kuzzle";
import { randomUUID } from "node:crypto";

import { write } from "../core/write/write";
import { derivedId, type IdempotencyKey } from "../idempotency/Idempotency";
import {
  NATIVE_WRITE,
  WriteHooks,
  type PreparedWrite,
} from "../kuzzle/events/writeHooks";
import type { ActionTrace } from "../observability/instruments";
import { sourceOf } from "../core/RawSource";
import type { WriteCommand, WriteResult } from "../core/commands";
import type { WrittenDocument } from "../core/documents";
import { Arguments } from "./request/Arguments";
import { parseWrite } from "./request/parseWrite";
import { writeAnswer, type WriteAnswer } from "./response/answers";
import { assertAtomicSize, runAtomic } from "./response/atomicErrors";
import {
  summaryOf,
  type NeededRights,
  type WriteAction,
  type WriteContext,
} from "./writeRunner";

/** What a request asks for. */
export interface MWriteCommand extends WriteCommand {
  readonly atomic: boolean;
  readonly notify: boolean;
  readonly withSource: boolean;
}

type Prepared = PreparedWrite<MWriteCommand>;

/** `batch:mWrite`: creates or replaces documents of one collection. */
export class MWriteAction implements WriteAction<
  MWriteCommand,
  Prepared,
  WrittenDocument,
  WriteAnswer<WrittenDocument>
> {
  readonly name = "mWrite";
  readonly errors = "write";
  private readonly hooks: WriteHooks;

  constructor(private readonly context: WriteContext) {
    this.hooks = new WriteHooks(context.kuzzle, NATIVE_WRITE);
  }

  run(request: KuzzleRequest): Promise<WriteAnswer<WrittenDocument>> {
    return this.context.runner.run(request, this);
  }

  read(request: KuzzleRequest, key: IdempotencyKey | undefined): MWriteCommand {
    const args = new Arguments(request);
    const atomic = args.flag("atomic");
    const command = parseWrite(
      request,
      args,
      {
        assignsIds: true,
        allowsIfAbsent: true,
        allowsRepeats: !atomic,
        isRewritten: false,
      },
      (position) =>
        key === undefined ? randomUUID() : derivedId(key, position),
    );
    return {
      ...command,
      strict: command.strict || atomic,
      atomic,
      notify: args.flag("notify"),
      withSource: args.flag("source", true),
    };
  }

  rightsFor({ collection }: MWriteCommand): NeededRights[] {
    return [{ native: NATIVE_WRITE, collections: [collection] }];
  }

  assertLimits(command: MWriteCommand): void {
    if (command.atomic) {
      assertAtomicSize(command, this.context.limits);
    }
  }

  runBeforeHooks(
    request: KuzzleRequest,
    command: MWriteCommand,
  ): Promise<Prepared> {
    return this.hooks.before(request, command);
  }

  execute({ command }: Prepared, trace: ActionTrace): Promise<WriteResult> {
    const { tools, instruments } = this.context;
    if (!command.atomic || command.requested === 0) {
      return write(command, tools.execution);
    }
    return runAtomic(command, tools, ({ outcome, result }) => {
      trace.report(summaryOf(result));
      if (outcome !== "refused") {
        instruments.rollback(outcome);
      }
    });
  }

  async notify(
    { command, nativeRequest }: Prepared,
    { successes }: WriteResult,
  ): Promise<void> {
    if (command.notify && successes.length > 0) {
      const notices = successes.map(noticeOf);
      await this.context.kuzzle.notify(nativeRequest(), "write", notices);
    }
  }

  runAfterHooks(prepared: Prepared, result: WriteResult): Promise<WriteResult> {
    return this.hooks.after(prepared, result);
  }

  answer(
    { command }: Prepared,
    result: WriteResult,
  ): WriteAnswer<WrittenDocument> {
    return writeAnswer(result, command.withSource);
  }
}

/** Subscribers' filters look into the documents. */
function noticeOf(written: WrittenDocument): object {
  const { _id, _version, created } = written;
  return {
    _id,
    _source: sourceOf(written),
    _version,
    created,
    result: created ? "created" : "updated",
    status: created ? 201 : 200,
  };
}
