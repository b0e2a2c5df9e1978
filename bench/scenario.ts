/** What a scenario compares, and its target. */
export interface Scenario {
  /** B1, B2, … as in the list of targets. */
  readonly id: string;
  readonly title: string;
  /** How often each variant runs; `--rounds` overrides it. */
  readonly rounds: number;
  readonly unit: Unit;
  /** The first variant is ours; the others are compared with it. */
  readonly variants: readonly [Variant, ...Variant[]];
  readonly targets: readonly Target[];
  /** What was measured besides times, once all rounds are over. */
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
   * Runs one round. The timer stops when the returned promise settles; it throws unless
   * the response is as expected.
   */
  run(round: number): Promise<void>;
  /** Before each round, not timed. */
  prepare?(round: number): Promise<void>;
}

/**
 * - `ms`: the time of a round, lower is better
 * - `requests/s`, `documents/s`: how many a round has, divided by its time
 */
export type Unit =
  | { readonly name: "ms" }
  | {
      readonly name: "requests/s" | "documents/s";
      readonly perRound: number;
    };

/** A bound for the ratio of ours to another variant, both as medians. */
export type Target =
  | { readonly against: string; readonly atMost: number }
  | { readonly against: string; readonly atLeast: number };
