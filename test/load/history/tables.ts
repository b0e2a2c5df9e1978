/** What came of rounds, as tables of Markdown. */
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

/** A row for each round; `faults` is how many there were. */
export function tableOf(
  first: string,
  rounds: readonly NamedRound[],
): { readonly lines: string; readonly faults: number } {
  let faults = 0;
  const rows = rounds.map(([name, { counts, violations, stuck }]) => {
    const sum = sumOf([...counts.values()]);
    faults += violations.length + stuck + sum.unaccounted + sum.hung;
    return [name, ...figuresOf(sum, violations), stuck];
  });
  const head = [first, ...COLUMNS, ...KINDS, "stuck"];
  return { lines: markdown([head, ...rows]), faults };
}

/** A row for each name and action: rounds of one name are counted together. */
export function crossTableOf(
  first: string,
  rounds: readonly NamedRound[],
): string {
  const rows = [...groupBy(rounds, ([name]) => name)].flatMap(([name, group]) =>
    ACTIONS.map((action) => {
      const counts = group.flatMap(([, round]) => {
        const ofIt = round.counts.get(action);
        return ofIt === undefined ? [] : [ofIt];
      });
      const violations = group.flatMap(([, round]) =>
        round.violations.filter((violation) => violation.action === action),
      );
      return [name, action, ...figuresOf(sumOf(counts), violations)];
    }),
  );
  return markdown([[first, "action", ...COLUMNS, ...KINDS], ...rows]);
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
