import type { KuzzleRequest } from "kuzzle";
import { randomUUID } from "node:crypto";

import { NATIVE_ERRORS } from "../errors";
import type { AtomicTools } from "../core/atomic/atomicWrite";
import type { ExecutionContext } from "../core/ExecutionContext";
import { update } from "../core/write/update";
import { write } from "../core/write/write";
import {
  parsedContent,
  sourceOf,
  type UpdatedDocument,
  type WriteCommand,
  type WriteDocument,
  type WriteResult,
  type WrittenDocument,
} from "../types";
import { Access } from "../kuzzle/rights/Access";
import {
  assertAtomicSize,
  runAtomic,
  type AtomicLimits,
  type Committed,
} from "./response/atomicErrors";
import {
  assertCompleteWrite,
  updateAnswer,
  writeAnswer,
  type WriteAnswer,
} from "./response/answers";
import { Arguments } from "./request/Arguments";
import { derivedId, Idempotency, readKey } from "../idempotency/Idempotency";
import {
  measured,
  type ActionSummary,
  type ActionTrace,
  type Instruments,
} from "../observability/instruments";
import { parseDocuments, type DocumentRules } from "./request/parseWrite";
import { reportingUnavailability } from "./response/engineErrors";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";
import { updatedFields } from "../kuzzle/events/updatedFields";
import {
  NATIVE_UPDATE,
  NATIVE_WRITE,
  WriteHooks,
} from "../kuzzle/events/writeHooks";

const WRITE_RULES: DocumentRules = {
  assignsIds: true,
  allowsIfAbsent: true,
  isRewritten: false,
};
const UPDATE_RULES: DocumentRules = {
  assignsIds: false,
  allowsIfAbsent: false,
  isRewritten: true,
};

interface WriteOptions {
  readonly atomic: boolean;
  readonly notify: boolean;
  readonly withSource: boolean;
}

interface UpdateOptions {
  readonly retryOnConflict: number;
  readonly silent: boolean;
  readonly withSource: boolean;
}

type UpdateAnswer = ReturnType<typeof updateAnswer>;

/** `batch:mWrite` and `batch:mUpdate`, from the request to the answer. */
export class WriteActions {
  private readonly access: Access;
  private readonly writePipes: WriteHooks;
  private readonly updatePipes: WriteHooks;
  private readonly execution: ExecutionContext;
  private readonly idempotency: Idempotency;

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly tools: AtomicTools,
    private readonly instruments: Instruments,
    private readonly limits: AtomicLimits,
  ) {
    this.execution = tools.execution;
    this.idempotency = new Idempotency(kuzzle, () => instruments.replay());
    this.access = new Access(kuzzle);
    this.writePipes = new WriteHooks(kuzzle, NATIVE_WRITE);
    this.updatePipes = new WriteHooks(kuzzle, NATIVE_UPDATE);
  }

  write(request: KuzzleRequest): Promise<WriteAnswer<WrittenDocument>> {
    return measured(this.instruments, "mWrite", (trace) =>
      this.runWrite(request, trace),
    );
  }

  update(request: KuzzleRequest): Promise<UpdateAnswer> {
    return measured(this.instruments, "mUpdate", (trace) =>
      this.runUpdate(request, trace),
    );
  }

  private async runWrite(
    request: KuzzleRequest,
    trace: ActionTrace,
  ): Promise<WriteAnswer<WrittenDocument>> {
    const args = new Arguments(request);
    const key = readKey(request);
    const atomic = args.flag("atomic");
    const parsed = parseCommand(request, args, WRITE_RULES, (position) =>
      key === undefined ? randomUUID() : derivedId(key, position),
    );
    const command = { ...parsed, strict: parsed.strict || atomic };
    const options: WriteOptions = {
      atomic,
      notify: args.flag("notify"),
      withSource: args.flag("source", true),
    };
    trace.target(parsed.index, parsed.collection, parsed.requested);
    await this.admit(request, NATIVE_WRITE, parsed);
    if (atomic) {
      assertAtomicSize(parsed, this.limits);
    }
    const { index, collection, refresh, strict } = parsed;
    const asked = { index, collection, refresh, strict, ...options };
    return this.idempotency.once(request, asked, key, () =>
      this.doWrite(request, command, options, trace),
    );
  }

  private async doWrite(
    request: KuzzleRequest,
    parsed: WriteCommand,
    { atomic, notify, withSource }: WriteOptions,
    trace: ActionTrace,
  ): Promise<WriteAnswer<WrittenDocument>> {
    const { command, nativeRequest } = await this.writePipes.before(
      request,
      parsed,
    );
    const { result, journalId } = await reportingUnavailability(() =>
      atomic && command.requested > 0
        ? this.commit(command, trace)
        : this.writeSome(command, trace),
    );
    if (notify) {
      await this.notify(
        nativeRequest,
        "write",
        result.successes.map(writtenNotice),
      );
    }
    const shown = await this.finish("write", command, nativeRequest, result);
    return writeAnswer(shown, withSource, journalId);
  }

  private async writeSome(
    command: WriteCommand,
    trace: ActionTrace,
  ): Promise<{ result: WriteResult; journalId?: string }> {
    const result = await write(command, this.execution);
    trace.report(summaryOf(result));
    return { result };
  }

  private commit(
    command: WriteCommand,
    trace: ActionTrace,
  ): Promise<Committed> {
    return runAtomic(command, this.tools, ({ outcome, result }) => {
      trace.report(summaryOf(result));
      if (outcome !== "committed" && outcome !== "refused") {
        this.instruments.rollback(outcome);
      }
    });
  }

  private async runUpdate(
    request: KuzzleRequest,
    trace: ActionTrace,
  ): Promise<UpdateAnswer> {
    const args = new Arguments(request);
    const key = readKey(request);
    const parsed = parseCommand(request, args, UPDATE_RULES);
    const options: UpdateOptions = {
      retryOnConflict: args.count(
        "retryOnConflict",
        this.kuzzle.defaultConflictRetries,
      ),
      silent: args.flag("silent"),
      withSource: args.flag("source", false),
    };
    trace.target(parsed.index, parsed.collection, parsed.requested);
    await this.admit(request, NATIVE_UPDATE, parsed);
    if (parsed.requested > this.kuzzle.documentsWriteCount) {
      throw NATIVE_ERRORS.writeLimitExceeded();
    }
    const { index, collection, refresh, strict } = parsed;
    const asked = { index, collection, refresh, strict, ...options };
    return this.idempotency.once(request, asked, key, () =>
      this.doUpdate(request, parsed, options, trace),
    );
  }

  private async doUpdate(
    request: KuzzleRequest,
    parsed: WriteCommand,
    { retryOnConflict, silent, withSource }: UpdateOptions,
    trace: ActionTrace,
  ): Promise<UpdateAnswer> {
    const { index, collection } = parsed;
    const { command, nativeRequest } = await this.updatePipes.before(
      request,
      parsed,
    );
    const hasSubscribers = this.kuzzle.hasSubscribers(index, collection);
    const notify = !silent && hasSubscribers;
    const result = await reportingUnavailability(() =>
      update(
        {
          ...command,
          retryOnConflict,
          fetchSource: withSource || notify || this.updatePipes.seesResults,
          metadata: { updatedAt: Date.now(), updater: request.getKuid() },
        },
        this.execution,
      ),
    );
    trace.report(summaryOf(result));
    if (notify) {
      await this.notify(
        nativeRequest,
        "update",
        updatedNotices(command, result),
      );
    } else if (!silent) {
      await this.forgetMatches(command, result.successes);
    }
    const shown = await this.finish("update", command, nativeRequest, result);
    return updateAnswer(shown, withSource);
  }

  private async admit(
    request: KuzzleRequest,
    native: typeof NATIVE_WRITE,
    { index, collection }: WriteCommand,
  ): Promise<void> {
    await this.access.assertCollections(request, native, index, [collection]);
  }

  /** Tells subscribers what native actions would tell them. */
  private async notify(
    nativeRequest: KuzzleRequest,
    action: "write" | "update",
    notices: readonly object[],
  ): Promise<void> {
    await this.afterwards(notices, () =>
      this.kuzzle.notify(nativeRequest, action, notices),
    );
  }

  /** Where nobody listens, Kuzzle's notifier would do no more than this. */
  private async forgetMatches(
    { index, collection }: WriteCommand,
    updated: readonly UpdatedDocument[],
  ): Promise<void> {
    const ids = updated.map(({ _id }) => _id);
    await this.afterwards(ids, () =>
      this.kuzzle.forgetMatches(index, collection, ids),
    );
  }

  private async afterwards(
    concerned: readonly unknown[],
    tell: () => Promise<void>,
  ): Promise<void> {
    if (concerned.length === 0) {
      return;
    }
    try {
      await tell();
    } catch (error) {
      // it is written: an error here would have the caller write it again
      this.kuzzle.logError("Subscribers were not notified of a batch", error);
    }
  }

  /**
   * As native actions, a strict batch that failed runs no after pipes; what
   * they take away was written all the same.
   */
  private async finish<Success extends WrittenDocument | UpdatedDocument>(
    what: "write" | "update",
    command: WriteCommand,
    nativeRequest: KuzzleRequest,
    result: WriteResult<Success>,
  ): Promise<WriteResult<Success>> {
    if (command.strict) {
      assertCompleteWrite(result, what);
    }
    const pipes = what === "write" ? this.writePipes : this.updatePipes;
    return pipes.after(nativeRequest, command, result);
  }
}

function parseCommand(
  request: KuzzleRequest,
  args: Arguments,
  rules: DocumentRules,
  newId?: (position: number) => string,
): WriteCommand {
  return {
    index: args.name("index"),
    collection: args.name("collection"),
    refresh: args.refresh(),
    strict: args.flag("strict"),
    ...parseDocuments(request, rules, newId),
  };
}

function summaryOf(result: WriteResult<unknown>): ActionSummary {
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
  };
}

/** Subscribers' filters look into the documents. */
function writtenNotice(written: WrittenDocument): object {
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

/** Each document's own fields, also where an id comes twice. */
function updatedNotices(
  { documents }: WriteCommand,
  { successes }: WriteResult<UpdatedDocument>,
): object[] {
  const asked = new Map(documents.map((each) => [each.position, each]));

  return successes.map((updated) => {
    const { _id, _version, status, position } = updated;
    const { body } = asked.get(position) as WriteDocument;
    const _source = sourceOf(updated);
    const _updatedFields = updatedFields(parsedContent(body));
    return { _id, _source, _version, status, _updatedFields };
  });
}
