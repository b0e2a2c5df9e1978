import type { KuzzleRequest } from "kuzzle";
import _ from "lodash";

import type { AtomicContext } from "../core/atomic/AtomicContext";
import {
  Idempotency,
  readKey,
  type IdempotencyKey,
  type RepeatableAnswer,
} from "../idempotency/Idempotency";
import { Access, type NativeAction } from "../kuzzle/rights/Access";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";
import {
  countCodes,
  measured,
  type ActionSummary,
  type ActionTrace,
  type Instruments,
} from "../observability/instruments";
import type { WriteResult } from "../core/commands";
import { assertCompleteWrite } from "./response/answers";
import type { AtomicLimits } from "./response/atomicErrors";
import { asksForText } from "./response/asText";
import { reportingUnavailability } from "./response/engineErrors";

/** What a request asks a writing action for. Its arguments are the plain values in it. */
export interface AskedWrite {
  readonly index: string;
  /** absent: its items name one each */
  readonly collection?: string;
  readonly requested: number;
  readonly strict: boolean;
}

/** The collections for which the right of a native action is needed. */
export interface NeededRights {
  readonly native: NativeAction;
  readonly collections: readonly string[];
}

/**
 * What a writing action does at each stage. `WriteRunner` has their order.
 *
 * - `Command`: what is asked, as it is known from the request alone
 * - `Prepared`: the command as the hooks of the application have left it
 */
export interface WriteAction<
  Command extends AskedWrite,
  Prepared,
  Success,
  Answer extends RepeatableAnswer,
> {
  /** in metrics, and in the ids of its errors: `batch.<errors>.incomplete` */
  readonly name: string;
  readonly errors: "write" | "update";

  /** @throws `batch.request.*` (400) */
  read(request: KuzzleRequest, key: IdempotencyKey | undefined): Command;

  rightsFor(command: Command): readonly NeededRights[];

  /** @throws 413 */
  assertLimits(command: Command): void;

  runBeforeHooks(request: KuzzleRequest, command: Command): Promise<Prepared>;

  /**
   * @throws {EngineError} when nothing was written since the engine can't be asked
   * @throws `batch.write.*` when an atomic batch was not committed
   */
  execute(
    prepared: Prepared,
    trace: ActionTrace,
  ): Promise<WriteResult<Success>>;

  /** Tells subscribers what native actions would tell them. */
  notify(prepared: Prepared, result: WriteResult<Success>): Promise<void>;

  runAfterHooks(
    prepared: Prepared,
    result: WriteResult<Success>,
  ): Promise<WriteResult<Success>>;

  answer(prepared: Prepared, result: WriteResult<Success>): Answer;
}

/** What the writing actions share on one node. */
export interface WriteContext {
  readonly kuzzle: KuzzleServices;
  readonly tools: AtomicContext;
  readonly instruments: Instruments;
  readonly limits: AtomicLimits;
  readonly runner: WriteRunner;
}

/** Takes a request through the stages of a writing action. */
export class WriteRunner {
  private readonly access: Access;
  private readonly idempotency: Idempotency;

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly instruments: Instruments,
  ) {
    this.access = new Access(kuzzle);
    this.idempotency = new Idempotency(kuzzle, () => instruments.replay());
  }

  /** Shape, rights, existence, limits; then at most once for each key. */
  run<
    Command extends AskedWrite,
    Prepared,
    Success,
    Answer extends RepeatableAnswer,
  >(
    request: KuzzleRequest,
    action: WriteAction<Command, Prepared, Success, Answer>,
  ): Promise<Answer> {
    return measured(this.instruments, action.name, async (trace) => {
      const key = readKey(request);
      const command = action.read(request, key);
      // needed for the answer: an invalid one is a 400 before anything is written
      asksForText(request);
      trace.target(command.index, command.collection, command.requested);
      await this.admit(request, command.index, action.rightsFor(command));
      action.assertLimits(command);
      const write = (): Promise<Answer> =>
        this.write(request, command, action, trace);
      return key === undefined
        ? write()
        : this.idempotency.once(request, argumentsOf(command), key, write);
    });
  }

  private async admit(
    request: KuzzleRequest,
    index: string,
    needed: readonly NeededRights[],
  ): Promise<void> {
    for (const { native, collections } of needed) {
      await this.access.assertRights(request, native, index, collections);
    }
    const collections = needed.flatMap((each) => each.collections);
    await this.access.assertExistence(index, _.uniq(collections));
  }

  private async write<
    Command extends AskedWrite,
    Prepared,
    Success,
    Answer extends RepeatableAnswer,
  >(
    request: KuzzleRequest,
    command: Command,
    action: WriteAction<Command, Prepared, Success, Answer>,
    trace: ActionTrace,
  ): Promise<Answer> {
    const prepared = await action.runBeforeHooks(request, command);
    const result = await reportingUnavailability(() =>
      action.execute(prepared, trace),
    );
    trace.report(summaryOf(result));
    await this.notify(() => action.notify(prepared, result));
    // As of native actions, no after hooks run of a strict batch that failed; what
    // they take away was written all the same.
    if (command.strict) {
      assertCompleteWrite(result, action.errors);
    }
    const shown = await action.runAfterHooks(prepared, result);
    return action.answer(prepared, shown);
  }

  private async notify(tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      // it is written: an error here would have the caller write it again
      this.kuzzle.logError("Subscribers were not notified of a batch", error);
    }
  }
}

/** What tells two requests with the same documents apart. */
function argumentsOf(command: AskedWrite): object {
  return _.omitBy(command, (value) => _.isObject(value));
}

export function summaryOf(result: WriteResult<unknown>): ActionSummary {
  const { stats, completeness, conflictRetries } = result;
  const { written = 0, updated = 0, errors, requested } = stats;
  return {
    stats,
    conflictRetries,
    isComplete: completeness === "complete",
    documents: {
      written,
      updated,
      error: errors,
      // well-formed ones that a strict batch took down with it
      refused: completeness === "refused" ? requested - errors : 0,
    },
    errorCodes: countCodes(result.errors),
  };
}
