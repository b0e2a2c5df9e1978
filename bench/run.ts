/**
 * `npm run bench`: how long the plugin's actions take, compared with Kuzzle's own and with
 * the engine, in one interleaved run.
 *
 *   npm run bench                       all scenarios; the results are kept
 *   npm run bench -- --scenario B1      one alone, or several; nothing is kept
 *   npm run bench -- --scenario L1      the throughput for many concurrent callers
 *   npm run bench -- --profile --scenario L1   where Kuzzle spends its time
 *   npm run bench -- --rounds 50        overrides each scenario's own number
 *   npm run bench -- --ablation all     the gain of each fast path: see ablation/run.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import _ from "lodash";

import { enginePidOf } from "./load/cpu";
import { LOADS } from "./load/callers";
import { measureLoad, type MeasuredLoad } from "./load/measure";
import { loadPicture } from "./load/picture";
import { loadToMarkdown, loadToText } from "./load/report";
import { measure, type Measured } from "./measure";
import { toSvg } from "./picture";
import { profileLoad, profileScenario } from "./profile";
import { toMarkdown, toText, type Setting } from "./report";
import type { Scenario } from "./scenario";
import { LOADER } from "./scenarios/loader";
import { MIXED } from "./scenarios/mixed";
import { PLACES } from "./scenarios/places";
import { READS } from "./scenarios/reads";
import { WRITES } from "./scenarios/writes";
import { closeWorld, openWorld, type World } from "./world";

const SCENARIOS: Record<string, (world: World) => Promise<Scenario>> = {
  ...READS,
  ...WRITES,
  ...LOADER,
  ...PLACES,
  ...MIXED,
};
const RESULTS = path.join(__dirname, "results");

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", multiple: true },
      rounds: { type: "string" },
      profile: { type: "boolean" },
    },
  });
  const ids = values.scenario ?? [
    ...Object.keys(SCENARIOS),
    ...Object.keys(LOADS),
  ];
  ids.forEach(assertExists);
  const rounds = readRounds(values.rounds);
  const elasticsearchUrl = String(process.env.TEST_ELASTICSEARCH_URL);
  const world = openWorld({
    kuzzleHost: String(process.env.TEST_KUZZLE_HOST),
    kuzzlePort: Number(process.env.TEST_KUZZLE_PORT),
    kuzzlePid: Number(process.env.TEST_KUZZLE_PID),
    elasticsearchUrl,
    enginePid: await enginePidOf(elasticsearchUrl),
  });

  const results: Measured[] = [];
  const loads: MeasuredLoad[] = [];
  for (const [i, id] of ids.entries()) {
    console.log(
      `\n${id}: ${i + 1} of ${ids.length}, ${timeLeft(ids.slice(i))}`,
    );
    const { result, load } = await twice(() => play(id, world, rounds));
    if (result !== undefined) results.push(result);
    if (load !== undefined) loads.push(load);
  }
  if (values.scenario === undefined) {
    keep(await settingOf(world), results, loads);
  }
  closeWorld(world);
}

interface Played {
  readonly result?: Measured;
  readonly load?: MeasuredLoad;
}

/** @returns nothing if it only profiles */
async function play(
  id: string,
  world: World,
  rounds: number | undefined,
): Promise<Played> {
  const inspectorPort = process.env.BENCH_INSPECTOR_PORT;
  const scenario = await SCENARIOS[id]?.(world);
  const load = await LOADS[id]?.(world);
  try {
    if (inspectorPort !== undefined) {
      const port = Number(inspectorPort);
      if (scenario) console.log(await profileScenario(scenario, port));
      if (load) console.log(await profileLoad(load, port));
    } else if (scenario) {
      const result = await measure(scenario, rounds);
      console.log(toText(result));
      return { result };
    } else if (load) {
      const result = await measureLoad(load, rounds);
      console.log(loadToText(result));
      return { load: result };
    }
  } finally {
    scenario?.close?.();
    load?.close?.();
  }
  return {};
}

/**
 * After scenarios with large bodies, an engine with 1 GB of memory may temporarily
 * reject calls (429). A retry keeps that from losing the results of the other
 * scenarios.
 */
async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    console.log(`Once more, in 10 s: ${String(error)}`);
    await sleep(10_000);
    return work();
  }
}

/** Approximate seconds per scenario: with one caller, with many. */
const ABOUT_S = { one: 20, many: 22 } as const;

/** An estimate without `--rounds`. */
function timeLeft(ids: readonly string[]): string {
  const seconds = _.sumBy(ids, (id) =>
    LOADS[id] === undefined ? ABOUT_S.one : ABOUT_S.many,
  );
  return `about ${Math.ceil(seconds / 60)} minutes left`;
}

function assertExists(id: string): void {
  if (SCENARIOS[id] === undefined && LOADS[id] === undefined) {
    const all = [...Object.keys(SCENARIOS), ...Object.keys(LOADS)].join(", ");
    throw new Error(`There is no scenario "${id}". There are: ${all}.`);
  }
}

function readRounds(given: string | undefined): number | undefined {
  const rounds = given === undefined ? undefined : Number(given);
  if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds has to be a whole number above 0, not ${given}.`);
  }
  return rounds;
}

function keep(
  setting: Setting,
  results: readonly Measured[],
  loads: readonly MeasuredLoad[],
): void {
  mkdirSync(RESULTS, { recursive: true });
  const write = (name: string, text: string): void =>
    writeFileSync(path.join(RESULTS, name), text);
  write(
    "latest.json",
    `${JSON.stringify({ ...setting, results, loads }, null, 2)}\n`,
  );
  write("latest.md", `${toMarkdown(setting, results)}${loadToMarkdown(loads)}`);
  write("ratios.svg", toSvg(results));
  const picture = loadPicture(loads);
  if (picture !== undefined) {
    write("callers.svg", picture);
  }
  console.log(`\nKept in ${path.relative(process.cwd(), RESULTS)}`);
}

async function settingOf({ kuzzle, engine }: World): Promise<Setting> {
  const { version } = (await engine.json("GET", "/")) as {
    version: { number: string };
  };
  const { result } = (await kuzzle.json("GET", "/_serverInfo")) as {
    result: { serverInfo: { kuzzle: { version: string } } };
  };
  return {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine: `${os.cpus().length} cores`,
    versions: {
      Kuzzle: result.serverInfo.kuzzle.version,
      Elasticsearch: version.number,
      Node: process.version,
    },
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
