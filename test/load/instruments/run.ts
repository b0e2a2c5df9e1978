/**
 * What the instruments (metrics, and spans without an SDK) cost in CPU time of Kuzzle's process
 * per request. `npm run bench:instruments` runs it against its own Kuzzle and engines.
 *
 *   npm run bench:instruments -- --rounds 1000
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { WebSocketTransport } from "../../../features/support/transports";
import { newMetrics } from "../../support/metrics";
import { LEGS, type Samples } from "./legs";

const PLACE = { index: "instruments", collection: "documents" };
const WARM_UP_ROUNDS = 200;

/** The smallest possible request, and a typical one. */
const SCENARIOS = [
  { action: "batchGet", documents: 1 },
  { action: "batchGet", documents: 100 },
  { action: "mUpdate", documents: 1 },
  { action: "mUpdate", documents: 100 },
] as const;
type Scenario = (typeof SCENARIOS)[number];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "1000" },
    },
  });
  const client = await WebSocketTransport.open();
  const ask = async (request: object): Promise<unknown> => {
    const { error, result } = await client.send(
      request as Parameters<typeof client.send>[0],
    );
    assert.equal(error, null, JSON.stringify(error));
    return result;
  };

  console.log(`By themselves: ${alone().toFixed(1)} µs per request\n`);
  await prepare(ask);
  for (const scenario of SCENARIOS) {
    const samples = await measure(scenario, Number(values.rounds), ask);
    console.log(report(scenario, samples));
  }
  await client.close();
}

type Ask = (request: object) => Promise<unknown>;

/** Microseconds of CPU time for one run of an action with one engine call. */
function alone(): number {
  const runs = 200_000;
  const metrics = newMetrics();
  const stats = {
    requested: 10,
    unique: 10,
    duplicates: 0,
    updated: 9,
    errors: 1,
    conflicts: 1,
    retries: 1,
    engineCalls: 1,
    engineTookMs: 3,
    queueMs: 0,
    tookMs: 4,
  };
  const run = (): void => {
    const trace = metrics.start("mUpdate");
    trace.target("index", "collection", 10);
    metrics.engineCall("bulk", 0.003);
    trace.report({
      stats,
      conflictRetries: 1,
      isComplete: false,
      documents: { updated: 9, error: 1 },
      operations: [
        { operation: "update", outcome: "done", count: 9 },
        { operation: "update", outcome: "error", count: 1 },
      ],
      errorCodes: { not_found: 1 },
    });
    trace.succeed();
  };

  for (let i = 0; i < runs / 10; i++) {
    run();
  }
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) {
    run();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

async function prepare(ask: Ask): Promise<void> {
  const { index } = PLACE;
  await ask({ controller: "index", action: "create", index });
  await ask({ controller: "collection", action: "create", ...PLACE, body: {} });
  await ask({
    controller: "batch",
    action: "mWrite",
    ...PLACE,
    body: { documents: bodiesOf(100) },
  });
}

async function measure(
  scenario: Scenario,
  rounds: number,
  ask: Ask,
): Promise<Samples> {
  const play = async (count: number): Promise<Samples> => {
    // one more, whose start is the end of the last one that counts
    for (let request = 0; request <= count * LEGS.length; request++) {
      await ask(requestOf(scenario));
    }
    const take = { controller: "instruments", action: "take" };
    return (await ask(take)) as Samples;
  };

  await play(WARM_UP_ROUNDS);
  const samples = await play(rounds);
  for (const leg of LEGS) {
    assert.equal(samples[leg].length, rounds, leg);
  }
  return samples;
}

function requestOf({ action, documents }: Scenario): object {
  return {
    controller: "batch",
    action,
    ...PLACE,
    body:
      action === "batchGet"
        ? { ids: bodiesOf(documents).map(({ _id }) => _id) }
        : { documents: bodiesOf(documents) },
  };
}

function bodiesOf(count: number): { _id: string; body: object }[] {
  return Array.from({ length: count }, (_, i) => ({
    _id: `d${i}`,
    body: { name: `document ${i}`, count: i, tags: ["a", "b"] },
  }));
}

function report({ action, documents }: Scenario, samples: Samples): string {
  const without = mean(samples.off);
  const show = (values: readonly number[]): string =>
    [interval(values), medianInterval(values)]
      .map(([low, middle, high]) =>
        [middle, low, high].map((each) => signed((each / without) * 100)),
      )
      .map(([middle, low, high]) =>
        `${middle} % (${low} to ${high})`.padEnd(30),
      )
      .join("  ");

  return `${action} of ${documents}: ${samples.on.length} rounds, ${without.toFixed(0)} µs of CPU time per request without instruments
                mean                            median
    with them   ${show(differences(samples.on, samples.off))}
    noise       ${show(differences(samples["off again"], samples.off))}
`;
}

/** An estimate between the bounds of its 95 % confidence interval. */
type Interval = readonly [low: number, middle: number, high: number];

function interval(values: readonly number[]): Interval {
  const middle = mean(values);
  const squares = values.map((value) => (value - middle) ** 2);
  const deviation = Math.sqrt(
    (mean(squares) * values.length) / (values.length - 1),
  );
  const half = (1.96 * deviation) / Math.sqrt(values.length);
  return [middle - half, middle, middle + half];
}

/** By ranks, so that a single garbage collection has little influence. */
function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((one, other) => one - other);
  const half = (1.96 * Math.sqrt(sorted.length)) / 2;
  const at = (rank: number): number =>
    sorted[
      Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))
    ] as number;
  const middle = (sorted.length - 1) / 2;
  return [at(middle - half), at(middle), at(middle + half)];
}

function differences(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - (b[i] as number));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
