import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { AtomicContext } from "../core/atomic/AtomicContext";
import { giveTurn, needsTurns } from "../core/turns";
import { writeBatch } from "../core/write/writeBatch";
import { Idempotency } from "../idempotency/Idempotency";
import { readKey, type IdempotencyKey } from "../idempotency/key";
import type { RepeatableAnswer } from "../idempotency/outcome";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";
import { NATIVE_WRITES } from "../kuzzle/events/nativeWrites";
import { notifyWrites } from "../kuzzle/events/notifyWrites";
import {
  kindName,
  WriteHooks,
  type PreparedWrite,
  type WriteKind,
} from "../kuzzle/events/writeHooks";
import { Access } from "../kuzzle/rights/Access";
import {
  measured,
  type ActionTrace,
  type Instruments,
} from "../observability/instruments";
import { groupBy } from "../core/groupBy";
import type { BatchCommand, WriteCommand, WriteResult } from "../core/commands";
import { assertCompleteWrite, type WriteShape } from "./response/answers";
import { runAtomic, type AtomicLimits } from "./response/atomicErrors";
import { asksForText } from "./response/asText";
import { reportUnavailability } from "./response/engineErrors";
import { summaryOf } from "./writeSummary";

/**
 * What a request asks of a writing action. Its primitive properties are the arguments.
 */
export interface RequestedWrite extends WriteCommand {
  /** absent if each operation names its own */
  readonly collection?: string;
  /** what is done, and where: for rights and for the hooks of the application */
  readonly kinds: readonly WriteKind[];
  readonly counter: BatchCommand["counter"];
  readonly atomic: boolean;
  readonly retryOnConflict: number;
  /** subscribers are not notified */
  readonly silent: boolean;
  /**
   * subscribers are notified of `write`; the native action does not do so by default
   */
  readonly notifiesWrites: boolean;
  readonly withSource: boolean;
}

/**
 * What is specific to one writing action; `WriteRunner` does the rest for all of them.
 */
export interface WriteAction<
  Answer extends RepeatableAnswer = RepeatableAnswer,
> extends WriteShape {
  /** used in metrics */
  readonly name: string;

  /** @throws `batch.request.*` (400) */
  read(request: KuzzleRequest, key: IdempotencyKey | undefined): RequestedWrite;

  /** @throws 413 */
  assertLimits(command: RequestedWrite): void;

  toAnswer(result: WriteResult, withSource: boolean): Answer;
}

/** What the writing actions share on one node. */
export interface WriteContext {
  readonly kuzzle: KuzzleServices;
  readonly tools: AtomicContext;
  readonly instruments: Instruments;
  readonly limits: AtomicLimits;
}

/** Takes a request through the stages of a writing action. */
export class WriteRunner {
  private readonly access: Access;
  private readonly hooks: WriteHooks;
  private readonly idempotency: Idempotency;

  constructor(readonly context: WriteContext) {
    const { kuzzle, instruments } = context;
    this.access = new Access(kuzzle);
    this.hooks = new WriteHooks(kuzzle);
    this.idempotency = new Idempotency(kuzzle, () => instruments.replay());
  }

  /** Checks shape, rights, existence and limits, then runs at most once per key. */
  run<Answer extends RepeatableAnswer>(
    request: KuzzleRequest,
    action: WriteAction<Answer>,
  ): Promise<Answer> {
    return measured(this.context.instruments, action.name, async (trace) => {
      const key = readKey(request);
      const command = action.read(request, key);
      // the response needs it: an invalid value must be a 400 before anything is
      // written
      asksForText(request);
      if (needsTurns(command.requested)) await giveTurn();
      trace.target(command.index, command.collection, command.requested);
      await this.admit(request, command);
      action.assertLimits(command);
      const write = (beforeFirstWrite?: () => Promise<void>): Promise<Answer> =>
        this.write(
          request,
          beforeFirstWrite ? { ...command, beforeFirstWrite } : command,
          action,
          trace,
        );
      return key === undefined
        ? write()
        : this.idempotency.once(request, argumentsOf(command), key, write);
    });
  }

  private async admit(
    request: KuzzleRequest,
    { index, kinds }: RequestedWrite,
  ): Promise<void> {
    for (const [op, own] of groupBy(kinds, (kind) => kind.op)) {
      await this.access.assertRights(
        request,
        NATIVE_WRITES[op],
        index,
        own.map(({ collection }) => collection),
      );
    }
    // a request without operations touches no collection, so there is no right to check
    if (kinds.length > 0) {
      const collections = kinds.map(({ collection }) => collection);
      await this.access.assertExistence(index, _.uniq(collections));
    }
  }

  private async write<Answer extends RepeatableAnswer>(
    request: KuzzleRequest,
    command: RequestedWrite,
    action: WriteAction<Answer>,
    trace: ActionTrace,
  ): Promise<Answer> {
    const prepared = await this.hooks.before(request, command, command.kinds);
    const isNotified = this.notifiedKinds(command);
    const batch = this.toBatch(request, prepared.command, isNotified);
    const written =
      command.atomic && command.requested > 0
        ? this.writeAtomic(batch, action, trace)
        : writeBatch(batch, this.context.tools.execution);
    const result = await written.catch(reportUnavailability);
    trace.report(summaryOf(batch, result));
    if (isNotified.size > 0) await this.notify(prepared, result, isNotified);
    // As with native actions, a strict batch that failed runs no after hooks. The check
    // comes first since documents that these hooks remove were written nevertheless.
    if (command.strict) {
      assertCompleteWrite(result, action);
    }
    const shown = await this.hooks.after(prepared.groups, result);
    if (needsTurns(command.requested)) await giveTurn();
    return action.toAnswer(shown, command.withSource);
  }

  private writeAtomic(
    batch: BatchCommand,
    action: WriteAction,
    trace: ActionTrace,
  ): Promise<WriteResult> {
    const { tools, instruments } = this.context;
    return runAtomic(batch, tools, action, ({ outcome, result }) => {
      trace.report(summaryOf(batch, result));
      if (outcome !== "refused") {
        instruments.rollback(outcome);
      }
    });
  }

  /** Whether there are any subscribers to notify, for each kind. */
  private notifiedKinds({
    index,
    kinds,
    silent,
    notifiesWrites,
  }: RequestedWrite): NotifiedKinds {
    const notified = kinds.filter(
      ({ op }) => !silent && (op !== "write" || notifiesWrites),
    );
    return new Map(
      notified.map((kind) => [
        kindName(kind),
        this.context.kuzzle.hasSubscribers(index, kind.collection),
      ]),
    );
  }

  private toBatch(
    request: KuzzleRequest,
    command: RequestedWrite,
    isNotified: NotifiedKinds,
  ): BatchCommand {
    return {
      ...command,
      stamp: { at: Date.now(), userId: request.getKuid() },
      wantsSource: (document) =>
        isNotified.get(kindName(document)) === true ||
        (document.op !== "delete" &&
          (command.withSource || this.hooks.seesResults(document.op))),
    };
  }

  private async notify(
    prepared: PreparedWrite<RequestedWrite>,
    { successes }: WriteResult,
    isNotified: NotifiedKinds,
  ): Promise<void> {
    const { kuzzle } = this.context;
    const notified = successes.filter((each) => isNotified.has(kindName(each)));
    try {
      await notifyWrites(
        kuzzle,
        prepared,
        notified,
        (group) => isNotified.get(kindName(group)) === true,
      );
    } catch (error) {
      // the batch is written: after an error here the caller would write it again
      kuzzle.logError("Subscribers were not notified of a batch", error);
    }
  }
}

type NotifiedKinds = ReadonlyMap<string, boolean>;

/** What distinguishes two requests with the same documents. */
function argumentsOf(command: RequestedWrite): object {
  return _.omitBy(command, (value) => _.isObject(value));
}
