/**
 * What the instruments (metrics, and spans without an SDK) cost in CPU time of
 * Kuzzle's process per request. `npm run bench:instruments` runs it against a
 * Kuzzle and engines of its own.
 *
 * A round has three legs of the same requests, in an order that changes from
 * round to round: with instruments, without, and without once more. The
 * difference of the two legs without is what this machine's noise is.
 *
 *   npm run bench:instruments -- --rounds 300 --requests 10
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { WebSocketTransport } from "../../../features/support/transports";
import { newMetrics } from "../../support/metrics";

const PLACE = { index: "instruments", collection: "documents" };
const WARM_UP_ROUNDS = 30;
const LEGS = ["on", "off", "off again"] as const;
type Leg = (typeof LEGS)[number];

/** The smallest request there is, and one as they are meant to be. */
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
      rounds: { type: "string", default: "300" },
      requests: { type: "string", default: "10" },
    },
  });
  const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
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
    const legs = await measure(scenario, rounds, requests, ask);
    console.log(report(scenario, legs, requests));
  }
  await client.close();
}

type Ask = (request: object) => Promise<unknown>;

/** Microseconds of CPU time for a run of an action with one engine call. */
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

/** CPU time per request of each leg of each round, in microseconds. */
async function measure(
  scenario: Scenario,
  rounds: number,
  requests: number,
  ask: Ask,
): Promise<Record<Leg, number[]>> {
  const measured: Record<Leg, number[]> = { on: [], off: [], "off again": [] };
  const cpuTime = async (leg: Leg) =>
    Number(
      await ask({
        controller: "instruments",
        action: "set",
        body: { on: leg === "on" },
      }),
    );

  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const leg of orderOf(round)) {
      const before = await cpuTime(leg);
      for (let request = 0; request < requests; request++) {
        await ask(requestOf(scenario));
      }
      const took = (await cpuTime(leg)) - before;
      if (round >= 0) {
        measured[leg].push(took / requests);
      }
    }
  }
  return measured;
}

/** All six orders, one after the other. */
function orderOf(round: number): Leg[] {
  const at = Math.abs(round) % 6;
  const turned = LEGS.map((_, i) => LEGS[(i + at) % 3] as Leg);
  return at < 3 ? turned : turned.reverse();
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

function report(
  { action, documents }: Scenario,
  legs: Record<Leg, number[]>,
  requests: number,
): string {
  const without = mean(legs.off);
  const show = (values: readonly number[]): string =>
    [interval(values), medianInterval(values)]
      .map(([low, middle, high]) =>
        [middle, low, high].map((each) => signed((each / without) * 100)),
      )
      .map(([middle, low, high]) =>
        `${middle} % (${low} to ${high})`.padEnd(30),
      )
      .join("  ");

  return `${action} of ${documents}: ${legs.on.length} rounds of ${requests} requests per leg, ${without.toFixed(0)} µs of CPU time per request without instruments
                mean                            median
    with them   ${show(differences(legs.on, legs.off))}
    noise       ${show(differences(legs["off again"], legs.off))}
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

/** By ranks, so that a single collection of garbage does not decide. */
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
