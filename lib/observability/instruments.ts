import _ from "lodash";

import type { OperationName, Stats } from "../types";

/** The result of one run of an action. */
export interface ActionSummary {
  readonly stats: Stats;
  /** how many of `stats.retries` were due to a version conflict */
  readonly conflictRetries: number;
  /** no errors, and no documents left over */
  readonly isComplete: boolean;
  /** number of documents by outcome: found, not_found, error, … */
  readonly documents: Readonly<Record<string, number>>;
  /** for a writing action: each kind of operation with each of its outcomes */
  readonly operations: readonly OperationCount[];
  /** number of documents in `errors`, by code */
  readonly errorCodes: Readonly<Record<string, number>>;
}

/** How many operations of one kind had this outcome; at least one. */
export interface OperationCount {
  /** `unknown`: the request did not say, or not in a valid way */
  readonly operation: OperationName | "unknown";
  /** the last one: well formed, but in a strict batch that was not written */
  readonly outcome: "done" | "error" | "refused";
  readonly count: number;
}

/** The number of documents in `errors`, by code. */
export function countCodes(
  errors: readonly { readonly code: string }[],
): Record<string, number> {
  return _.countBy(errors, "code");
}

/** One run of an action, from its request to its response. */
export interface ActionTrace {
  /**
   * Reports where the documents are, as soon as the request is parsed.
   *
   * @param writes how many documents are to be changed, if any
   */
  target(index: string, collection?: string, writes?: number): void;
  report(summary: ActionSummary): void;
  succeed(): void;
  fail(error: unknown): void;
}

/** Counts and traces what actions do. */
export interface Instruments {
  /** @param action one of a few names, since it is a label of metrics */
  start(action: string): ActionTrace;
  /** one of Kuzzle's own actions has run */
  native(
    action: string,
    seconds: number,
    isFailed: boolean,
    documents: Readonly<Record<string, number>>,
  ): void;
  /** the first response to an idempotency key was repeated */
  replay(): void;
  /** an atomic batch was rolled back, or could not be */
  rollback(outcome: "rolled_back" | "rollback_incomplete" | "unknown"): void;
  /** everything counted so far, in the text format of Prometheus */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Runs an action and ends its trace, whether it succeeds or fails. */
export async function measured<T>(
  instruments: Instruments,
  action: string,
  work: (trace: ActionTrace) => Promise<T>,
): Promise<T> {
  const trace = instruments.start(action);
  try {
    const answer = await work(trace);
    trace.succeed();
    return answer;
  } catch (error) {
    trace.fail(error);
    throw error;
  }
}
