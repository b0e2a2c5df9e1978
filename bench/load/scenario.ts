import type { Places } from "../world";

/** Many callers at once, each of whom asks again as soon as it has its answer. */
export interface LoadScenario {
  /** L1, L2, … as in the list of targets. */
  readonly id: string;
  readonly title: string;
  readonly callers: number;
  /** The first is ours; the others are what it is compared with. */
  readonly variants: readonly [LoadVariant, ...LoadVariant[]];
  /** Ours to the second variant: of rates, or of median times where it says so. */
  readonly target?: LoadTarget;
  close?(): void;
}

export type LoadTarget =
  { readonly rateAtLeast: number } | { readonly medianAtMost: number };

export interface LoadVariant {
  readonly name: string;
  /** of the Kuzzle that it asks */
  readonly places: Places;
  /**
   * One request; throws when the answer is not what it should be.
   *
   * @param n a number that no other request of the variant has
   */
  ask(n: number): Promise<void>;
  /** What goes on beside it during its turns, with as many callers as it says. */
  readonly background?: {
    readonly callers: number;
    ask(n: number): Promise<void>;
  };
}
