import { addCpu, cpuTimes, NO_CPU, type CpuTimes } from "./cpu";
import { quantileOf } from "../statistics";
import type { LoadScenario, LoadTarget, LoadVariant } from "./scenario";

const TURN_MS = 1_500;
const ROUNDS = 5;
/** Rounds that do not count, in which V8 and the engine compile their hot code. */
const WARM_UP_ROUNDS = 2;

export interface MeasuredLoad {
  readonly id: string;
  readonly title: string;
  readonly callers: number;
  readonly variants: readonly MeasuredVariant[];
  readonly target?: LoadTarget & { readonly isReached: boolean };
}

export interface MeasuredVariant {
  readonly name: string;
  /** requests per second, the median of the rounds */
  readonly rate: number;
  /** our rate divided by this one */
  readonly rateRatio: number;
  /** of single requests, in milliseconds */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** per request */
  readonly cpu: CpuTimes;
  /** our median time divided by this one */
  readonly medianRatio: number;
}

interface Turns {
  readonly rates: number[];
  readonly times: number[];
  cpu: CpuTimes;
}

/**
 * Runs the variants in turns of 1.5 s, round by round, each time in another order, so
 * that other load on the machine affects all of them.
 */
export async function measureLoad(
  scenario: LoadScenario,
  rounds = ROUNDS,
): Promise<MeasuredLoad> {
  const { id, title, callers, variants } = scenario;
  const turnsOf = new Map(
    variants.map((each): [LoadVariant, Turns] => [
      each,
      { rates: [], times: [], cpu: NO_CPU },
    ]),
  );
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const at = (round + WARM_UP_ROUNDS + i) % variants.length;
      const variant = variants[at] as LoadVariant;
      const before = cpuTimes(variant.places);
      const times = await playTurn(variant, callers);
      if (round >= 0) {
        const turns = turnsOf.get(variant) as Turns;
        const used = addCpu(cpuTimes(variant.places), before, -1);
        turns.cpu = addCpu(turns.cpu, used);
        turns.rates.push((1000 * times.length) / TURN_MS);
        times.forEach((each) => turns.times.push(each));
      }
    }
  }
  const measured = assess([...turnsOf]);
  const target = scenario.target && {
    ...scenario.target,
    isReached: isReached(scenario.target, measured[1]),
  };
  return { id, title, callers, variants: measured, ...(target && { target }) };
}

let asked = 0;

/** @returns the duration of each request that ended during the turn, in milliseconds */
export async function playTurn(
  variant: LoadVariant,
  callers: number,
): Promise<number[]> {
  const { background } = variant;
  const times: number[] = [];
  const endsAt = performance.now() + TURN_MS;
  const call = async (): Promise<void> => {
    for (;;) {
      const startedAt = performance.now();
      await variant.ask(asked++);
      const now = performance.now();
      if (now > endsAt) {
        return;
      }
      times.push(now - startedAt);
    }
  };
  const callBeside = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await background?.ask(asked++);
    }
  };
  await Promise.all([
    ...Array.from({ length: callers }, call),
    ...Array.from({ length: background?.callers ?? 0 }, callBeside),
  ]);
  return times;
}

function assess(
  turns: readonly (readonly [LoadVariant, Turns])[],
): MeasuredVariant[] {
  const plain = turns.map(([{ name }, { rates, times, cpu }]) => ({
    name,
    rate: quantileOf(rates, 0.5),
    p50: quantileOf(times, 0.5),
    p99: quantileOf(times, 0.99),
    p999: quantileOf(times, 0.999),
    cpu: addCpu(NO_CPU, cpu, 1 / times.length),
  }));
  const [ours] = plain as [(typeof plain)[number]];
  return plain.map((each) => ({
    ...each,
    rateRatio: ours.rate / each.rate,
    medianRatio: ours.p50 / each.p50,
  }));
}

function isReached(
  target: LoadTarget,
  other: MeasuredVariant | undefined,
): boolean {
  if (other === undefined) {
    return false;
  }
  return "rateAtLeast" in target
    ? other.rateRatio >= target.rateAtLeast
    : other.medianRatio <= target.medianAtMost;
}
