import { countBy, mapValues } from "lodash";

import type { WriteCommand, WriteResult } from "../core/commands";
import {
  countCodes,
  type ActionSummary,
  type OperationCount,
} from "../observability/instruments";
import type { OperationName } from "../types";

/** The outcome of a batch, for metrics. */
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
      // well-formed documents that failed with their strict batch
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
  const failed = countNames(errors);
  const counts = [
    ...operationCounts("done", countNames(successes)),
    ...operationCounts("error", failed),
  ];
  if (completeness !== "refused") {
    return counts;
  }
  const asked = countNames([
    ...documents,
    ...validationErrors.map((each) => each.asked),
  ]);
  const refused = mapValues(
    asked,
    (count, name) => count - (failed[name] ?? 0),
  );
  return [...counts, ...operationCounts("refused", refused)];
}

function operationCounts(
  outcome: OperationCount["outcome"],
  counts: Readonly<Record<string, number>>,
): OperationCount[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ({
      operation: name as OperationCount["operation"],
      outcome,
      count,
    }));
}

function countNames(
  operations: ReadonlyArray<{ readonly op?: OperationName }>,
): Record<string, number> {
  return countBy(operations, ({ op = "unknown" }) => op);
}
