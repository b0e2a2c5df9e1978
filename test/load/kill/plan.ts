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

/** When a Kuzzle kills or pauses itself. */
export interface KillPlan {
  readonly step: Step;
  /** for a step that is passed several times: which time */
  readonly nth: number;
  /** delay after that, in milliseconds */
  readonly delayMs: number;
  /** default SIGKILL; SIGSTOP pauses it until it is continued */
  readonly signal?: "SIGKILL" | "SIGSTOP";
  readonly reportFile: string;
}

/** What it leaves behind. */
export interface KillReport {
  /** it was processing a request, not recovering a dead node's batch */
  readonly inRequest: boolean;
}
