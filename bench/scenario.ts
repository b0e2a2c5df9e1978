/** What a scenario measures against what, and what it is to reach. */
export interface Scenario {
  /** B1, B2, … as in the list of targets. */
  readonly id: string;
  readonly title: string;
  /** How often each variant runs; `--rounds` wins over it. */
  readonly rounds: number;
  readonly unit: Unit;
  /** The first is ours; the others are what it is compared with. */
  readonly variants: readonly [Variant, ...Variant[]];
  readonly targets: readonly Target[];
  /** What was seen beside the times, once all rounds are over. */
  readonly figures?: () => readonly Figure[];
  close?(): void;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly atMost: number;
}

export interface Variant {
  readonly name: string;
  /**
   * One round. What is timed is the promise that it returns, from call to
   * settling; it throws when the answer is not what it should be.
   */
  run(round: number): Promise<void>;
  /** Before each round, not timed. */
  prepare?(round: number): Promise<void>;
}

/**
 * - `ms`: the time of a round, the lower the better
 * - `requests/s`, `documents/s`: so many in a round, by its time
 */
export type Unit =
  | { readonly name: "ms" }
  | {
      readonly name: "requests/s" | "documents/s";
      readonly perRound: number;
    };

/** A bound of the ratio of ours to another variant, both as medians. */
export type Target =
  | { readonly against: string; readonly atMost: number }
  | { readonly against: string; readonly atLeast: number };
