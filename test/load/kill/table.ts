/** What became of the batches, as it is printed at the end. */
import { STEPS, type Step } from "./plan";
import type { Verdict } from "./round";
import type { Action } from "./targets";

export interface Kill {
  readonly step: Step;
  readonly action: Action;
  /** nobody else wrote the batch's documents */
  readonly isAlone: boolean;
  readonly verdict: Verdict;
}

const VERDICTS = [
  "nothing begun",
  "committed",
  "rolled_back",
  "rollback_incomplete",
] as const;

/** A line for each step, action and company of which there were kills. */
export function tableOf(kills: readonly Kill[]): string {
  const rows = STEPS.flatMap((step) =>
    (["mWrite", "batchWrite"] as const).flatMap((action) =>
      [true, false].flatMap((isAlone) => {
        const those = kills.filter(
          (kill) =>
            kill.step === step &&
            kill.action === action &&
            kill.isAlone === isAlone,
        );
        const counts = VERDICTS.map(
          (verdict) => those.filter((kill) => kill.verdict === verdict).length,
        );
        return those.length === 0
          ? []
          : [
              [
                step,
                action,
                isAlone ? "nobody" : "somebody",
                ...[those.length, ...counts].map(String),
              ],
            ];
      }),
    ),
  );
  return [["killed in", "action", "else wrote", "kills", ...VERDICTS], ...rows]
    .map((cells) =>
      cells
        .map((cell) => cell.padEnd(15))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}
