/** The outcome of the batches, as printed at the end. */
import { groupBy } from "../../../lib/core/groupBy";
import { STEPS, type Step } from "./plan";
import type { Verdict } from "./round";
import type { Action } from "./targets";

export interface Kill {
  readonly step: Step;
  readonly action: Action;
  /** nobody else wrote the batch's documents */
  readonly isAlone: boolean;
  /** a node of Elasticsearch died as well */
  readonly isFailover: boolean;
  readonly verdict: Verdict;
}

const VERDICTS = [
  "nothing begun",
  "committed",
  "rolled_back",
  "rollback_incomplete",
] as const;

/** A line for each step, action and circumstances of the kills. */
export function tableOfKills(kills: readonly Kill[]): string {
  const rows = STEPS.flatMap((step) =>
    groupsOf(kills.filter((kill) => kill.step === step)).map(
      ([name, group]) => [
        step,
        ...name,
        ...[
          group.length,
          ...VERDICTS.map(
            (verdict) =>
              group.filter((kill) => kill.verdict === verdict).length,
          ),
        ].map(String),
      ],
    ),
  );
  const head = ["killed in", "action", "else wrote", "engine's node", "kills"];
  return [[...head, ...VERDICTS], ...rows]
    .map((cells) =>
      cells
        .map((cell) => cell.padEnd(15))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

/** By everything that distinguishes kills in the same step. */
function groupsOf(
  kills: readonly Kill[],
): Array<readonly [name: readonly string[], kills: readonly Kill[]]> {
  const nameOf = ({ action, isAlone, isFailover }: Kill): string[] => [
    action,
    isAlone ? "nobody" : "somebody",
    isFailover ? "dies" : "lives",
  ];
  return [...groupBy(kills, (kill) => nameOf(kill).join())]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => [nameOf(group[0] as Kill), group] as const);
}
