import type { Places } from "../world";

/**
 * Many concurrent callers, each of which sends its next request as soon as it has a
 * response.
 */
export interface LoadScenario {
  /** L1, L2, … as in the list of targets. */
  readonly id: string;
  readonly title: string;
  readonly callers: number;
  /** The first variant is ours; the others are compared with it. */
  readonly variants: readonly [LoadVariant, ...LoadVariant[]];
  /** Ratio of ours to the second variant: of rates, or of median times if it says so. */
  readonly target?: LoadTarget;
  close?(): void;
}

export type LoadTarget =
  { readonly rateAtLeast: number } | { readonly medianAtMost: number };

export interface LoadVariant {
  readonly name: string;
  /** addresses of the Kuzzle that it calls */
  readonly places: Places;
  /**
   * Sends one request; throws unless the response is as expected.
   *
   * @param n a number that no other request of the variant has
   */
  ask(n: number): Promise<void>;
  /** Load during its turns, from this many callers. */
  readonly background?: {
    readonly callers: number;
    ask(n: number): Promise<void>;
  };
}
