import type { Figure, Scenario, Target, Variant } from "./scenario";
import { summarize, type Summary } from "./statistics";

export interface Measured {
  readonly id: string;
  readonly title: string;
  readonly unit: Scenario["unit"];
  readonly variants: readonly MeasuredVariant[];
  readonly targets: readonly MeasuredTarget[];
  readonly figures: readonly Figure[];
}

/** Times in milliseconds. */
export interface MeasuredVariant extends Summary {
  readonly name: string;
  /** ours divided by this one: of times or of rates, depending on the unit */
  readonly ratio: number;
}

export type MeasuredTarget = Target & {
  readonly ratio: number;
  readonly isReached: boolean;
};

/**
 * A Kuzzle runs for weeks, so its hot code is compiled by V8, and the engine's by its
 * own virtual machine, which takes them several thousand requests.
 */
const WARM_UP_MS = 10_000;

/**
 * Runs the variants round by round, each time in another order, so that other load on
 * the machine affects all of them.
 *
 * @param rounds overrides the scenario's own number
 */
export async function measure(
  scenario: Scenario,
  rounds = scenario.rounds,
): Promise<Measured> {
  const { variants } = scenario;
  const samples = new Map<Variant, number[]>(
    variants.map((each) => [each, []]),
  );
  const warmUntil = performance.now() + WARM_UP_MS;
  let measured = 0;

  for (let round = 0; measured < rounds; round++) {
    const isWarm = performance.now() > warmUntil;
    for (let i = 0; i < variants.length; i++) {
      const variant = variants[(round + i) % variants.length] as Variant;
      const ms = await play(variant, round);
      if (isWarm) {
        samples.get(variant)?.push(ms);
      }
    }
    measured += isWarm ? 1 : 0;
  }
  return assess(scenario, samples);
}

async function play(variant: Variant, round: number): Promise<number> {
  await variant.prepare?.(round);
  const startedAt = performance.now();
  await variant.run(round);
  return performance.now() - startedAt;
}

function assess(
  { id, title, unit, variants, targets, figures }: Scenario,
  samples: ReadonlyMap<Variant, readonly number[]>,
): Measured {
  const summaries = variants.map(
    (variant) =>
      [variant.name, summarize(samples.get(variant) as number[])] as const,
  );
  const [[, ours]] = summaries as [(typeof summaries)[number]];
  const isTime = unit.name === "ms";
  const measured = summaries.map(([name, summary]) => ({
    name,
    ...summary,
    ratio: isTime ? ours.median / summary.median : summary.median / ours.median,
  }));
  return {
    id,
    title,
    unit,
    variants: measured,
    figures: figures?.() ?? [],
    targets: targets.map((target) => {
      const other = measured.find(({ name }) => name === target.against);
      if (other === undefined) {
        throw new Error(`${id} has no variant ${target.against}`);
      }
      const { ratio } = other;
      return { ...target, ratio, isReached: isReached(target, ratio) };
    }),
  };
}

function isReached(target: Target, ratio: number): boolean {
  return "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
}
