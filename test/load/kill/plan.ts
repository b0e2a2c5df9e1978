/** The moments of an atomic batch at which its node may die. */
export const STEPS = [
  "reading",
  "journal",
  "bulk",
  "before commit",
  "after commit",
  "rollback",
  "recovery",
] as const;

export type Step = (typeof STEPS)[number];

/** When a Kuzzle is to kill or to pause itself. */
export interface KillPlan {
  readonly step: Step;
  /** the step is passed several times: the how manyeth time it is */
  readonly nth: number;
  /** so long after, in milliseconds */
  readonly delayMs: number;
  /** default SIGKILL; SIGSTOP pauses it until somebody continues it */
  readonly signal?: "SIGKILL" | "SIGSTOP";
  readonly reportFile: string;
}

/** What it leaves behind. */
export interface KillReport {
  /** it was at work on a request, not on a dead node's batch */
  readonly inRequest: boolean;
}
