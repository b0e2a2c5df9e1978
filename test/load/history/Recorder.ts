import type { Answer } from "../KuzzleClient";
import type { History, Outcome, Period, ReadEvent, WriteEvent } from "./events";
import type { Action } from "../../support/actions";
import type { Body, PlannedRequest } from "./requests";

/** Requests of one action, and what their responses say about each document. */
export interface Counts {
  requests: number;
  acknowledged: number;
  refused: number;
  unknown: number;
  /** documents that are in no list of their response, or in two */
  unaccounted: number;
  /** requests whose node died before it responded */
  cut: number;
  /** requests without a response in time */
  hung: number;
  longestMs: number;
}

export function noCounts(): Counts {
  return {
    ...{ requests: 0, acknowledged: 0, refused: 0, unknown: 0 },
    ...{ unaccounted: 0, cut: 0, hung: 0, longestMs: 0 },
  };
}

/** A request, from when it was asked until it was answered. */
export interface AnsweredRequest
  extends Period, Pick<Counts, "acknowledged" | "refused" | "unknown"> {
  readonly action: Action;
}

export type NoAnswer = "cut" | "hung";

interface Entry {
  readonly position: number;
  readonly code: string;
}

interface Found {
  readonly _id: string;
  readonly _source: Body;
  readonly _version: number;
}

/** Records clients' requests and responses as a history. */
export class Recorder implements History {
  readonly writes: WriteEvent[] = [];
  readonly reads: ReadEvent[] = [];
  readonly failovers: Period[] = [];
  /** in the order of their answers */
  readonly requests: AnsweredRequest[] = [];
  readonly counts = new Map<Action, Counts>();
  private batches = 0;

  record(
    planned: PlannedRequest,
    answered: Answer | NoAnswer,
    from: number,
    to: number,
  ): void {
    const counts = this.countsOf(planned.action);
    const before = { ...counts };
    counts.requests += 1;
    counts.longestMs = Math.max(counts.longestMs, to - from);
    if (typeof answered === "string") {
      counts[answered] += 1;
    }
    const answer = typeof answered === "string" ? undefined : answered;
    if (planned.action === "batchGet") {
      this.recordReads(answer, counts, { from, to });
    } else {
      this.recordWrites(planned, answer, counts, { from, to });
    }
    this.requests.push({
      ...{ action: planned.action, from, to },
      acknowledged: counts.acknowledged - before.acknowledged,
      refused: counts.refused - before.refused,
      unknown: counts.unknown - before.unknown,
    });
  }

  /** @param kill kills a node of the engine */
  async recordFailover(kill: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await kill();
    this.failovers.push({ from, to: Date.now() });
  }

  /** What the engine stores once nothing is in flight. */
  recordEnd(_id: string, found: Found | undefined): void {
    const now = Date.now();
    this.reads.push({
      ...{ _id, from: now, to: now, isFinal: true },
      ...contentOf(found),
    });
  }

  private recordWrites(
    { action, parts }: PlannedRequest,
    answer: Answer | undefined,
    counts: Counts,
    time: { from: number; to: number },
  ): void {
    const outcomes = outcomesOf(parts.length, answer);
    const batch = action === "atomic" ? `batch ${++this.batches}` : undefined;
    // left by the rollback and named: no longer a batch
    const isLeft = answer?.error?.id === "batch.write.rollback_incomplete";
    parts.forEach((part, position) => {
      const outcome = outcomes[position];
      counts[outcome ?? "unaccounted"] += 1;
      this.writes.push({
        ...part,
        ...time,
        action,
        outcome: outcome ?? "unknown",
        ...(batch !== undefined &&
          !(isLeft && outcome === "unknown") && { batch }),
      });
    });
  }

  private recordReads(
    answer: Answer | undefined,
    counts: Counts,
    time: { from: number; to: number },
  ): void {
    const { documents, not_found, errors } = (answer?.result ?? {
      documents: [],
      not_found: [],
      errors: [],
    }) as { documents: Found[]; not_found: string[]; errors: Entry[] };
    counts.acknowledged += documents.length + not_found.length;
    counts.refused += errors.length;
    for (const found of documents) {
      this.reads.push({ _id: found._id, ...time, ...contentOf(found) });
    }
    for (const _id of not_found) {
      this.reads.push({ _id, ...time, ...contentOf(undefined) });
    }
  }

  private countsOf(action: Action): Counts {
    const counts = this.counts.get(action) ?? noCounts();
    this.counts.set(action, counts);
    return counts;
  }
}

function contentOf(
  found: Found | undefined,
): Pick<ReadEvent, "value" | "updates" | "version"> {
  return {
    value: found?._source.value,
    updates: Object.keys(found?._source.updates ?? {}),
    ...(found && { version: found._version }),
  };
}

/** @returns by position; undefined: the response says nothing about it, or something twice */
function outcomesOf(
  count: number,
  answer: Answer | undefined,
): Array<Outcome | undefined> {
  if (answer === undefined) {
    return new Array<Outcome>(count).fill("unknown");
  }
  const { error } = answer;
  const result = (answer.result ?? {}) as Record<string, Entry[] | undefined>;
  const { successes = result.results ?? [] } = result;
  const errors = (error?.errors ?? result.errors ?? []) as Entry[];
  if (error !== null && errors.length === 0) {
    // the plugin's own errors mean that nothing was written
    const outcome = error.id.startsWith("batch.") ? "refused" : "unknown";
    return new Array<Outcome>(count).fill(outcome);
  }
  const outcomes = new Array<Outcome | undefined>(count).fill(undefined);
  for (const { position } of successes) {
    outcomes[position] = "acknowledged";
  }
  for (const { position, code } of errors) {
    const isTwice = outcomes[position] !== undefined;
    outcomes[position] = isTwice ? undefined : refusalOf(code, error?.id);
  }
  return outcomes;
}

function refusalOf(code: string, id: string | undefined): Outcome {
  const isLeft =
    id === "batch.write.rollback_incomplete" && code === "version_conflict";
  return code === "unknown_outcome" ||
    id === "batch.write.outcome_unknown" ||
    isLeft
    ? "unknown"
    : "refused";
}
