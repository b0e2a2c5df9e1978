/**
 * A round is three requests in random order: with instruments, without them, and without
 * them again. The difference between the latter two is the noise.
 */
export const LEGS = ["on", "off", "off again"] as const;
export type Leg = (typeof LEGS)[number];

/** Of each leg, by round, in microseconds. */
export type Samples = Record<Leg, number[]>;

export function noSamples(): Samples {
  return { on: [], off: [], "off again": [] };
}
