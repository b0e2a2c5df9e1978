/** The outcome of rounds, as Markdown tables. */
import { sumBy } from "lodash";

import { groupBy } from "../../../lib/core/groupBy";
import { ACTIONS } from "../../support/actions";
import { markdown } from "../markdown";
import { VIOLATIONS, type Violation } from "./events";
import { noCounts, type Counts } from "./Recorder";
import type { RoundResult } from "./round";

/** A round, and what happened in it. */
export type NamedRound = readonly [name: string, result: RoundResult];

const COLUMNS = [
  "requests",
  "acknowledged",
  "refused",
  "unknown",
  "unaccounted",
  "cut",
  "hung",
  "longestMs",
] as const satisfies ReadonlyArray<keyof Counts>;

const KINDS = Object.keys(VIOLATIONS) as Array<keyof typeof VIOLATIONS>;

/**
 * A row for each name: rounds with the same name are added up.
 *
 * @returns the table, and the number of `faults` in all of them
 */
export function tableOf(
  first: string,
  rounds: readonly NamedRound[],
): { readonly lines: string; readonly faults: number } {
  let faults = 0;
  const rows = byName(rounds).map(([name, results]) => {
    const sum = sumOf(results.flatMap(({ counts }) => [...counts.values()]));
    const violations = results.flatMap((result) => result.violations);
    const stuck = sumBy(results, "stuck");
    faults += violations.length + stuck + sum.unaccounted + sum.hung;
    return [name, ...figuresOf(sum, violations), stuck];
  });
  const head = [first, ...COLUMNS, ...KINDS, "stuck"];
  return { lines: markdown([head, ...rows]), faults };
}

/** A row for each name and action. */
export function crossTableOf(
  first: string,
  rounds: readonly NamedRound[],
): string {
  const rows = byName(rounds).flatMap(([name, results]) =>
    ACTIONS.map((action) => {
      const counts = results.flatMap((result) => {
        const ofIt = result.counts.get(action);
        return ofIt === undefined ? [] : [ofIt];
      });
      const violations = results.flatMap((result) =>
        result.violations.filter((violation) => violation.action === action),
      );
      return [name, action, ...figuresOf(sumOf(counts), violations)];
    }),
  );
  return markdown([[first, "action", ...COLUMNS, ...KINDS], ...rows]);
}

function byName(
  rounds: readonly NamedRound[],
): Array<readonly [name: string, results: readonly RoundResult[]]> {
  return [...groupBy(rounds, ([name]) => name)].map(
    ([name, group]) => [name, group.map(([, result]) => result)] as const,
  );
}

function sumOf(counts: readonly Counts[]): Counts {
  const sum = noCounts();
  for (const each of counts) {
    for (const column of COLUMNS) {
      sum[column] =
        column === "longestMs"
          ? Math.max(sum[column], each[column])
          : sum[column] + each[column];
    }
  }
  return sum;
}

/** In the order of the columns. */
function figuresOf(counts: Counts, violations: readonly Violation[]): number[] {
  return [
    ...COLUMNS.map((column) => counts[column]),
    ...KINDS.map(
      (kind) => violations.filter((each) => each.kind === kind).length,
    ),
  ];
}
