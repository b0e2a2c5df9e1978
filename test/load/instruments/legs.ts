/**
 * A round is three requests, in an order drawn by lot: with instruments, without
 * them, and without once more. The difference of the two without is the noise.
 */
export const LEGS = ["on", "off", "off again"] as const;
export type Leg = (typeof LEGS)[number];

/** Of each leg, by rounds, in microseconds. */
export type Samples = Record<Leg, number[]>;

export function noSamples(): Samples {
  return { on: [], off: [], "off again": [] };
}
