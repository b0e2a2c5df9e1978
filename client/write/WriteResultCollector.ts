import { BatchError } from "../errors/BatchError";
import { StatsSum } from "../transport/StatsSum";
import { toBatchError } from "../errors/toBatchError";
import type { BatchWriteResult, WriteError } from "../types";
import {
  isServerError,
  restOutcome,
  type RestOutcome,
  type ServerError,
} from "../transport/errorClassifier";

import { askedEntry, targetOf } from "./targets";
import type { WriteTarget } from "./targets";

/** A document of a call, at its position in the caller's list. */
export interface Entry {
  readonly position: number;
  readonly document: unknown;
}

/** A response of the server. Positions are those of its request. */
export interface WriteResponse {
  readonly successes: readonly { readonly position: number }[];
  /** replaces `successes` for a batchWrite */
  readonly results?: WriteResponse["successes"];
  readonly errors: readonly WriteError[];
  readonly atomic?: BatchWriteResult["atomic"];
  readonly stats: BatchWriteResult["stats"];
}

/** What was collected since the last time. */
export interface WritePart {
  readonly successes: readonly { readonly position: number }[];
  readonly errors: WriteError[];
}

/** Collects the outcome of each document of a call. */
export class WriteResultCollector {
  constructor(private readonly command: WriteTarget) {}

  private successes: { readonly position: number }[] = [];
  private errors: WriteError[] = [];
  private readonly unprocessed: number[] = [];
  private readonly stats = new StatsSum();
  private readonly ids = new Set<string>();
  private atomic: BatchWriteResult["atomic"];
  private requested = 0;
  private duplicates = 0;
  /** documents written by requests whose response does not name them */
  private doneUnnamed = 0;
  private taken = { done: 0, failed: 0 };

  /** Number of documents with an outcome, including unknown ones. */
  get done(): number {
    const { taken, successes, doneUnnamed, errors } = this;
    return taken.done + successes.length + doneUnnamed + errors.length;
  }

  get failed(): number {
    return this.taken.failed + this.errors.length;
  }

  get hasErrors(): boolean {
    return this.errors.length > 0;
  }

  /** Counts each document of the call, for the stats. */
  count(document: unknown): void {
    this.requested += 1;
    const target = targetOf(this.command, document);
    if (target === undefined) {
      return;
    }
    if (this.ids.has(target)) {
      this.duplicates += 1;
    }
    this.ids.add(target);
  }

  /** @throws unless each entry is in exactly one list of the answer */
  answered(answer: WriteResponse, entries: readonly Entry[]): void {
    assertPartition(answer, entries.length);
    const { successes, errors, stats, atomic } = answer;
    append(this.successes, rebased(successes, entries));
    append(this.errors, rebased(errors, entries));
    this.stats.add(stats);
    this.atomic = atomic ?? this.atomic;
  }

  fail(
    { position, document }: Entry,
    failure: Omit<WriteError, "document" | "position">,
  ): void {
    const asked = askedEntry(this.command, document);
    this.errors.push({ ...asked, position, ...failure });
  }

  /** The outcome of a whole request is unknown. */
  unknown(entries: readonly Entry[], error: Error): void {
    for (const entry of entries) {
      this.fail(entry, unknownOutcome(error));
    }
  }

  /** The server answered a request with an error. */
  failedRequest(entries: readonly Entry[], error: Error): void {
    const named = isServerError(error) ? namedErrors(error, entries) : [];
    append(this.errors, named);
    const positions = new Set(named.map(({ position }) => position));
    const rest = entries.filter(({ position }) => !positions.has(position));
    this.addRest(restOutcome(error), rest, error);
  }

  /** Nothing was done with these documents. */
  leave(positions: readonly number[]): void {
    append(this.unprocessed, positions);
  }

  /** Returns and removes what was collected, for a call whose results are not kept. */
  take(): WritePart {
    const { successes, errors } = this;
    this.taken.done += successes.length + errors.length;
    this.taken.failed += errors.length;
    this.successes = [];
    this.errors = [];
    return { successes, errors };
  }

  /** In the order of the call. */
  result(): BatchWriteResult<{ readonly position: number }> {
    const { requested, duplicates } = this;
    return {
      [this.command.action === "batchWrite" ? "results" : "successes"]:
        this.successes.sort(byPosition),
      errors: this.errors.sort(byPosition),
      ...(this.atomic && { atomic: this.atomic }),
      stats: this.stats.total({
        requested,
        duplicates,
        unique: requested - duplicates,
        errors: this.errors.length,
      }),
    } as BatchWriteResult<{ readonly position: number }>;
  }

  /** The error of a call that `cause` ended. */
  error(cause: unknown): BatchError {
    const result = this.result();
    return toBatchError(cause, {
      errors: result.errors,
      unprocessed: this.unprocessed.sort((a, b) => a - b),
      result,
    });
  }

  private addRest(
    restOutcome: RestOutcome,
    rest: readonly Entry[],
    error: Error,
  ): void {
    switch (restOutcome) {
      case "done":
        this.doneUnnamed += rest.length;
        break;
      case "nothing done":
        this.leave(rest.map(({ position }) => position));
        break;
      case "unknown":
        this.unknown(rest, error);
        break;
    }
  }
}

function unknownOutcome(
  error: Error,
): Omit<WriteError, "document" | "position"> {
  return {
    status: isServerError(error) ? error.status : 0,
    code: "unknown_outcome",
    reason: error.message,
    retryable: false,
  };
}

function namedErrors(
  { errors = [] }: ServerError,
  entries: readonly Entry[],
): WriteError[] {
  const named = errors.filter(
    ({ position }) => entries[position as number] !== undefined,
  );
  return rebased(named as unknown as WriteError[], entries);
}

function rebased<Each extends { readonly position: number }>(
  list: readonly Each[],
  entries: readonly Entry[],
): Each[] {
  return list.map((each) => ({
    ...each,
    position: (entries[each.position] as Entry).position,
  }));
}

/** Spreading many arguments would overflow the stack. */
function append<Each>(list: Each[], more: readonly Each[]): void {
  for (const each of more) list.push(each);
}

function assertPartition(answer: WriteResponse, count: number): void {
  const { successes, errors, stats }: Partial<WriteResponse> = answer;
  const seen = new Set<number>();
  if (isList(successes) && isList(errors) && stats !== undefined) {
    for (const { position } of [...successes, ...errors]) {
      if (position >= 0 && position < count) seen.add(position);
    }
    if (seen.size === count && successes.length + errors.length === count) {
      return;
    }
  }
  throw new BatchError(
    `A response to ${count} documents names ${seen.size} of them: does it come from kuzzle-plugin-batch?`,
    { id: "batch.client.answer_invalid", status: 0 },
  );
}

function isList<Each>(
  value: readonly Each[] | undefined,
): value is readonly Each[] {
  return Array.isArray(value);
}

function byPosition(
  a: { readonly position: number },
  b: { readonly position: number },
): number {
  return a.position - b.position;
}
