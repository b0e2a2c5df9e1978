import _ from "lodash";

import type { OperationName, Stats } from "../types";

/** What one run of an action came to. */
export interface ActionSummary {
  readonly stats: Stats;
  /** how many of `stats.retries` were for a version conflict */
  readonly conflictRetries: number;
  /** there were neither errors nor documents left over */
  readonly isComplete: boolean;
  /** documents by what became of them: found, not_found, error, … */
  readonly documents: Readonly<Record<string, number>>;
  /** of a writing action: each kind of operation with each outcome that it had */
  readonly operations: readonly OperationCount[];
  /** documents in `errors`, by their code */
  readonly errorCodes: Readonly<Record<string, number>>;
}

/** So many operations of one kind had this outcome; at least one. */
export interface OperationCount {
  /** `unknown`: the request did not say, or not in a way that could be understood */
  readonly operation: OperationName | "unknown";
  /** the last one: well formed, but in a strict batch that was not written */
  readonly outcome: "done" | "error" | "refused";
  readonly count: number;
}

/** Documents in `errors`, by their code. */
export function countCodes(
  errors: readonly { readonly code: string }[],
): Record<string, number> {
  return _.countBy(errors, "code");
}

/** One run of an action, from its request to its answer. */
export interface ActionTrace {
  /**
   * Where the documents are, known as soon as the request is read.
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
  /** one of Kuzzle's own actions was run */
  native(
    action: string,
    seconds: number,
    isFailed: boolean,
    documents: Readonly<Record<string, number>>,
  ): void;
  /** the first answer to an idempotency key was given again */
  replay(): void;
  /** an atomic batch was rolled back, or could not be */
  rollback(outcome: "rolled_back" | "rollback_incomplete" | "unknown"): void;
  /** everything counted so far, as text for Prometheus */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Runs an action under its trace, whatever way it ends. */
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
