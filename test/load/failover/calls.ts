/** The requests to Kuzzle while a node dies, and what must be true of the responses. */
import { isEqual } from "lodash";

import type { Stored } from "./engine";

/** The first two are atomic, by mWrite and by batchWrite. */
export const KINDS = ["atomic", "batchWrite", "mWrite", "mUpdate"] as const;
export type Kind = (typeof KINDS)[number];

export function isAtomic(kind: Kind): boolean {
  return kind === "atomic" || kind === "batchWrite";
}

/** Nobody else writes its documents. */
export interface Call {
  readonly kind: Kind;
  readonly documents: ReadonlyArray<{
    readonly _id: string;
    readonly body: object;
    /** it is to be deleted instead */
    readonly isDeleted?: true;
    readonly ifAbsent?: true;
    readonly ifSeqNo?: number;
    readonly ifPrimaryTerm?: number;
  }>;
  /** the content of the documents that existed before */
  readonly before: ReadonlyMap<string, Stored>;
}

export interface Answer {
  readonly status: number;
  /** milliseconds since the epoch */
  readonly startedAt: number;
  readonly tookMs: number;
  readonly result: {
    /** named `results` in batchWrite's response */
    readonly successes?: readonly Success[];
    readonly results?: readonly Success[];
    readonly errors: readonly Failed[];
  } | null;
  readonly error: {
    readonly id: string;
    readonly errors?: readonly Failed[];
  } | null;
}

interface Success {
  readonly position: number;
}

interface Failed {
  readonly position: number;
  readonly code: string;
}

/** Counts of documents, unless noted otherwise. */
export interface Findings {
  /** requests */
  requests: number;
  acknowledged: number;
  /** by the response's reason */
  readonly refused: Record<string, number>;
  /** the response says it was written, but it was not */
  lost: number;
  /** the response says it was not written, but it was */
  untrue: number;
  /** left by an incomplete rollback that names them */
  named: number;
  /** requests that promised all or nothing, but left a part written that is not named */
  torn: number;
  /** neither written nor rejected, or both */
  unaccounted: number;
  /** requests without a response */
  hung: number;
  longestMs: number;
  /** maximum time from the event to the first response that says everything is written */
  goesOnMs: number;
}

export function noFindings(): Findings {
  return {
    requests: 0,
    acknowledged: 0,
    refused: {},
    lost: 0,
    untrue: 0,
    named: 0,
    torn: 0,
    unaccounted: 0,
    hung: 0,
    longestMs: 0,
    goesOnMs: 0,
  };
}

export function faultsOf(findings: Findings): number {
  const { lost, untrue, torn, unaccounted, hung } = findings;
  return lost + untrue + torn + unaccounted + hung;
}

/** @param now what is stored once nothing is in flight */
export function judge(
  call: Call,
  answer: Answer | undefined,
  now: ReadonlyMap<string, Stored>,
  findings: Findings,
): void {
  const isWritten = call.documents.map(({ _id, body, isDeleted }) =>
    isDeleted === true ? !now.has(_id) : holds(body, now.get(_id)),
  );
  const named = namedBy(answer);
  findings.requests += 1;
  findings.named += named.size;
  const others = isWritten.filter((_, position) => !named.has(position));
  if (isAtomic(call.kind) && new Set(others).size > 1) {
    findings.torn += 1;
  }
  if (answer === undefined) {
    findings.hung += 1;
    return;
  }
  findings.longestMs = Math.max(findings.longestMs, answer.tookMs);
  const { errors = answer.error?.errors ?? [] } = answer.result ?? {};
  const { successes = answer.result?.results ?? [] } = answer.result ?? {};
  const told = [...successes, ...errors].map(({ position }) => position);
  const isRefusedWhole = answer.error !== null && told.length === 0;

  if (
    !isRefusedWhole &&
    !isEqual(
      told.sort((a, b) => a - b),
      [...call.documents.keys()],
    )
  ) {
    findings.unaccounted += call.documents.length - new Set(told).size || 1;
  }
  for (const { position } of successes) {
    findings.acknowledged += 1;
    findings.lost += isWritten[position] === true ? 0 : 1;
  }
  for (const [position, code] of refusals(call, answer, errors)) {
    findings.refused[code] = (findings.refused[code] ?? 0) + 1;
    const isUnknown =
      code === "unknown_outcome" ||
      answer.error?.id === "batch.write.outcome_unknown";
    const _id = call.documents[position]?._id as string;
    const isChanged = !isEqual(
      now.get(_id)?.source,
      call.before.get(_id)?.source,
    );
    const isTrue = !isChanged || isUnknown || named.has(position);
    findings.untrue += isTrue ? 0 : 1;
  }
}

/**
 * @param answers responses to requests of one kind
 * @param actedAt when the event happened: only later requests count
 * @returns milliseconds to the first response that says all is written; 0 without requests
 */
export function goesOnAfter(
  actedAt: number,
  answers: ReadonlyArray<Answer | undefined>,
): number {
  const whole = answers.flatMap((answer) =>
    answer !== undefined &&
    answer.startedAt >= actedAt &&
    answer.result?.errors.length === 0
      ? [answer.startedAt + answer.tookMs - actedAt]
      : [],
  );
  return whole.length === 0 ? 0 : Math.min(...whole);
}

/** Positions that an incomplete rollback could not restore. */
function namedBy(answer: Answer | undefined): Set<number> {
  const { id, errors = [] } = answer?.error ?? {};
  return new Set(
    id === "batch.write.rollback_incomplete"
      ? errors
          .filter(({ code }) => code === "version_conflict")
          .map(({ position }) => position)
      : [],
  );
}

/** A request that is rejected as a whole rejects each of its documents. */
function refusals(
  { documents }: Call,
  { error }: Answer,
  errors: readonly Failed[],
): Array<readonly [position: number, code: string]> {
  return error !== null && errors.length === 0
    ? documents.map((_, position) => [position, error.id] as const)
    : errors.map(({ position, code }) => [position, code] as const);
}

/** Everything that was sent is there; an update leaves more than that. */
function holds(body: object, stored: Stored | undefined): boolean {
  return Object.entries(body).every(([name, value]) =>
    isEqual(stored?.source[name], value),
  );
}
