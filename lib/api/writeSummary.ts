import { countBy } from "lodash";

import type { WriteCommand, WriteResult } from "../core/commands";
import {
  countCodes,
  type ActionSummary,
  type OperationCount,
} from "../observability/instruments";
import type { OperationName } from "../types";

/** What a batch came to, for metrics. */
export function summaryOf(
  command: WriteCommand,
  result: WriteResult,
): ActionSummary {
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
    operations: countOperations(command, result),
    errorCodes: countCodes(result.errors),
  };
}

function countOperations(
  { documents, validationErrors }: WriteCommand,
  { completeness, successes, errors }: WriteResult,
): OperationCount[] {
  const done = countNames(successes);
  const failed = countNames(errors);
  const asked = countNames([
    ...documents,
    ...validationErrors.map((each) => each.asked),
  ]);
  return Object.keys(asked).flatMap((name) => {
    const operation = name as OperationCount["operation"];
    const error = failed[name] ?? 0;
    const refused = completeness === "refused" ? (asked[name] ?? 0) - error : 0;
    const counts: OperationCount[] = [
      { operation, outcome: "done", count: done[name] ?? 0 },
      { operation, outcome: "error", count: error },
      { operation, outcome: "refused", count: refused },
    ];
    return counts.filter(({ count }) => count > 0);
  });
}

function countNames(
  operations: ReadonlyArray<{ readonly op?: OperationName }>,
): Record<string, number> {
  return countBy(operations, ({ op = "unknown" }) => op);
}
