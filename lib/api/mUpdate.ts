import type { KuzzleRequest } from "kuzzle";

import { update } from "../core/write/update";
import { NATIVE_ERRORS } from "../errors";
import { updatedFields } from "../kuzzle/events/updatedFields";
import {
  NATIVE_UPDATE,
  WriteHooks,
  type PreparedWrite,
} from "../kuzzle/events/writeHooks";
import { parsedContent, sourceOf } from "../core/RawSource";
import type {
  WriteCommand,
  WriteDocument,
  WriteResult,
} from "../core/commands";
import type { UpdatedDocument } from "../core/documents";
import { Arguments } from "./request/Arguments";
import { parseWrite } from "./request/parseWrite";
import { updateAnswer, type UpdateAnswer } from "./response/answers";
import type { NeededRights, WriteAction, WriteContext } from "./writeRunner";

/** What a request asks for. */
export interface MUpdateCommand extends WriteCommand {
  readonly retryOnConflict: number;
  readonly silent: boolean;
  readonly withSource: boolean;
}

interface Prepared extends PreparedWrite<MUpdateCommand> {
  /** who is written into the documents as their updater */
  readonly updater: string | null;
  readonly notifies: boolean;
}

/** `batch:mUpdate`: changes fields of documents of one collection. */
export class MUpdateAction implements WriteAction<
  MUpdateCommand,
  Prepared,
  UpdatedDocument,
  UpdateAnswer
> {
  readonly name = "mUpdate";
  readonly errors = "update";
  private readonly hooks: WriteHooks;

  constructor(private readonly context: WriteContext) {
    this.hooks = new WriteHooks(context.kuzzle, NATIVE_UPDATE);
  }

  run(request: KuzzleRequest): Promise<UpdateAnswer> {
    return this.context.runner.run(request, this);
  }

  read(request: KuzzleRequest): MUpdateCommand {
    const args = new Arguments(request);
    return {
      ...parseWrite(request, args, {
        assignsIds: false,
        allowsIfAbsent: false,
        allowsRepeats: true,
        isRewritten: true,
      }),
      retryOnConflict: args.count(
        "retryOnConflict",
        this.context.kuzzle.defaultConflictRetries,
      ),
      silent: args.flag("silent"),
      withSource: args.flag("source", false),
    };
  }

  rightsFor({ collection }: MUpdateCommand): NeededRights[] {
    return [{ native: NATIVE_UPDATE, collections: [collection] }];
  }

  assertLimits({ requested }: MUpdateCommand): void {
    if (requested > this.context.kuzzle.documentsWriteCount) {
      throw NATIVE_ERRORS.writeLimitExceeded();
    }
  }

  async runBeforeHooks(
    request: KuzzleRequest,
    command: MUpdateCommand,
  ): Promise<Prepared> {
    const { index, collection, silent } = command;
    const prepared = await this.hooks.before(request, command);
    const { kuzzle } = this.context;
    return {
      ...prepared,
      updater: request.getKuid(),
      notifies: !silent && kuzzle.hasSubscribers(index, collection),
    };
  }

  execute({
    command,
    updater,
    notifies,
  }: Prepared): Promise<WriteResult<UpdatedDocument>> {
    return update(
      {
        ...command,
        fetchSource: command.withSource || notifies || this.hooks.seesResults,
        metadata: { updatedAt: Date.now(), updater },
      },
      this.context.tools.execution,
    );
  }

  async notify(
    { command, nativeRequest, notifies }: Prepared,
    result: WriteResult<UpdatedDocument>,
  ): Promise<void> {
    const { kuzzle } = this.context;
    if (command.silent || result.successes.length === 0) {
      return;
    }
    if (notifies) {
      await kuzzle.notify(
        nativeRequest(),
        "update",
        noticesOf(command, result),
      );
      return;
    }
    // where nobody listens, Kuzzle's notifier would do no more than this
    const ids = result.successes.map(({ _id }) => _id);
    await kuzzle.forgetMatches(command.index, command.collection, ids);
  }

  runAfterHooks(
    prepared: Prepared,
    result: WriteResult<UpdatedDocument>,
  ): Promise<WriteResult<UpdatedDocument>> {
    return this.hooks.after(prepared, result);
  }

  answer(
    { command }: Prepared,
    result: WriteResult<UpdatedDocument>,
  ): UpdateAnswer {
    return updateAnswer(result, command.withSource);
  }
}

/** Each document's own fields, also where an id comes twice. */
function noticesOf(
  { documents }: WriteCommand,
  { successes }: WriteResult<UpdatedDocument>,
): object[] {
  const requested = new Map(documents.map((each) => [each.position, each]));

  return successes.map((updated) => {
    const { _id, _version, status, position } = updated;
    const { body } = requested.get(position) as WriteDocument;
    const _source = sourceOf(updated);
    const _updatedFields = updatedFields(parsedContent(body));
    return { _id, _source, _version, status, _updatedFields };
  });
}
