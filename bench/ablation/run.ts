/**
 * `npm run bench -- --ablation all`: the gain of each fast path. Requests alternate between
 * a Kuzzle with the plugin as it is and one without the path, on the same engines.
 *
 *   npm run bench -- --ablation group-commit    one path alone, or several
 *   npm run bench -- --ablation prometheus      the cost of kuzzle-plugin-prometheus
 *   npm run bench -- --ablation build:FOLDER    compared with another build of the plugin
 *   npm run bench -- --ablation all --prometheus   all paths, with it installed
 *   npm run bench -- --ablation all --scenario L1  instead of each path's own scenarios
 *   npm run bench -- --ablation masks-by-engine --latency 5 --bandwidth 100
 *                         with 5 ms and 100 Mbit/s between Kuzzle and Elasticsearch
 */
import path from "node:path";

import type { Engines } from "../../scripts/stack/engines/index";
import { startKuzzle, type RunningKuzzle } from "../../scripts/stack/kuzzle";
import type { Log } from "../../scripts/stack/progress";
import { cpuText, enginePidOf } from "../load/cpu";
import { LOADS } from "../load/callers";
import { measureLoad, playTurn, type MeasuredLoad } from "../load/measure";
import type { LoadScenario, LoadVariant } from "../load/scenario";
import { closeWorld, openWorld, type World } from "../world";
import { PATHS, type FastPath } from "./paths.cjs";
import { SlowLine, type LineSpeed } from "./SlowLine";

export interface AblationOptions {
  readonly engines: Engines;
  readonly log: Log;
  /** fast paths and settings, `build:FOLDER`, or `all` */
  readonly names: readonly string[];
  /** instead of each path's own */
  readonly scenarios?: readonly string[] | undefined;
  /** all Kuzzles have kuzzle-plugin-prometheus */
  readonly withPrometheus: boolean;
  /** between Kuzzle and Elasticsearch, if not the loopback interface */
  readonly line?: LineSpeed | undefined;
  readonly rounds?: number | undefined;
}

/** The other Kuzzle, measured against the one with the plugin as it is. */
interface Other extends Pick<FastPath, "title" | "scenarios"> {
  readonly env: Readonly<Record<string, string>>;
  /** it also changes native actions */
  readonly changesNative?: boolean;
}

const MOST = ["L1", "L2", "L3", "L5"];

/** Not fast paths, but measured in the same way. */
const SETTINGS: Readonly<Record<string, Other>> = {
  prometheus: {
    title: "kuzzle-plugin-prometheus, beside a Kuzzle without it",
    scenarios: MOST,
    env: { BENCH_PROMETHEUS: "1" },
    changesNative: true,
  },
};

/** `build:FOLDER`: the plugin as compiled into another folder. */
const BUILD = "build:";

const ALL = [...Object.keys(PATHS), ...Object.keys(SETTINGS)];

/** @throws if there is no such path */
export async function ablate(options: AblationOptions): Promise<void> {
  const names = options.names.includes("all") ? ALL : options.names;
  names.forEach(otherOf);
  const line = options.line && (await openLine(options.engines, options.line));
  const whole = await startBenchKuzzle(options, {}, line);
  for (const name of names) {
    await ablateOne(name, whole, options, line);
  }
  await whole.close();
  await line?.close();
}

async function ablateOne(
  name: string,
  whole: BenchKuzzle,
  options: AblationOptions,
  line: SlowLine | undefined,
): Promise<void> {
  const { title, scenarios, env, changesNative } = otherOf(name);
  const ids = options.scenarios ?? scenarios;
  // the other Kuzzle must find the collections when it starts
  const own = await makeScenarios(ids, whole.world);
  const without = await startBenchKuzzle(options, env, line);
  const other = await makeScenarios(ids, without.world);
  await Promise.all([own, other].map(warmUp));
  console.log(`\n## ${name}: ${title}`);
  for (const [i, scenario] of own.entries()) {
    const against = other[i] as LoadScenario;
    const measured = await measureLoad(
      {
        ...scenario,
        variants: variantsOf(scenario, against, changesNative === true),
      },
      options.rounds,
    );
    console.log(toText(measured));
  }
  [...own, ...other].forEach((each) => each.close?.());
  await without.close();
}

/** The other Kuzzle has just started, and V8 has yet to compile its hot functions. */
const WARM_UP_MS = 10_000;

async function warmUp(scenarios: readonly LoadScenario[]): Promise<void> {
  for (const { variants, callers } of scenarios) {
    const endsAt = performance.now() + WARM_UP_MS / scenarios.length;
    for (let turn = 0; performance.now() < endsAt; turn++) {
      await playTurn(variants[turn % variants.length] as LoadVariant, callers);
    }
  }
}

function variantsOf(
  whole: LoadScenario,
  other: LoadScenario,
  changesNative: boolean,
): [LoadVariant, ...LoadVariant[]] {
  const [ours, native] = whole.variants as [LoadVariant, LoadVariant];
  const [oursThere, nativeThere] = other.variants as [LoadVariant, LoadVariant];
  return [
    ours,
    { ...oursThere, name: "ours, the other" },
    native,
    ...(changesNative ? [{ ...nativeThere, name: "native, the other" }] : []),
  ];
}

function toText({ id, title, callers, variants }: MeasuredLoad): string {
  const [ours] = variants as [MeasuredLoad["variants"][number]];
  return [
    `${id}  ${title}, ${callers} callers`,
    ...variants.map(
      ({ name, rate, cpu, p50, p99 }) =>
        `    ${name.padEnd(20)} ${rate.toFixed(0).padStart(6)} requests/s (ours to it ${(ours.rate / rate).toFixed(2)})   ${cpuText(cpu)} (ours to it, Kuzzle alone ${(ours.cpu.kuzzle / cpu.kuzzle).toFixed(2)})   p50 ${p50.toFixed(1)}   p99 ${p99.toFixed(1)} ms`,
    ),
  ].join("\n");
}

function otherOf(name: string): Other {
  const fastPath = PATHS[name];
  if (fastPath !== undefined) {
    return { ...fastPath, env: { BENCH_WITHOUT: name } };
  }
  if (name.startsWith(BUILD)) {
    const folder = path.resolve(name.slice(BUILD.length));
    const env = { BENCH_PLUGIN: folder };
    return { title: "another build", scenarios: MOST, env };
  }
  const setting = SETTINGS[name];
  if (setting === undefined) {
    const all = [...ALL, "all", `${BUILD}FOLDER`].join(", ");
    throw new Error(
      `There is no "${name}" to compare with. There are: ${all}.`,
    );
  }
  return setting;
}

async function makeScenarios(
  ids: readonly string[],
  world: World,
): Promise<LoadScenario[]> {
  const made: LoadScenario[] = [];
  for (const id of ids) {
    const make = LOADS[id];
    if (make === undefined) {
      throw new Error(`There is no scenario "${id}" of many callers.`);
    }
    made.push(await make(world));
  }
  return made;
}

function openLine(engines: Engines, speed: LineSpeed): Promise<SlowLine> {
  const { hostname: host, port } = new URL(engines.elasticsearch.url);
  return SlowLine.open({ host, port: Number(port) }, speed);
}

interface BenchKuzzle {
  readonly world: World;
  close(): Promise<void>;
}

async function startBenchKuzzle(
  { engines, log, withPrometheus }: AblationOptions,
  env: Readonly<Record<string, string>>,
  line: SlowLine | undefined,
): Promise<BenchKuzzle> {
  const { elasticsearch, redis } = engines;
  const kuzzle: RunningKuzzle = await startKuzzle({
    engines: {
      redis,
      elasticsearch: { ...elasticsearch, ...(line && { url: line.url }) },
    },
    log,
    app: "bench/app.cjs",
    env: {
      NODE_ENV: "production",
      ...(withPrometheus && { BENCH_PROMETHEUS: "1" }),
      ...env,
    },
  });
  const world = openWorld({
    kuzzleHost: kuzzle.host,
    kuzzlePort: kuzzle.port,
    kuzzlePid: kuzzle.pid,
    elasticsearchUrl: engines.elasticsearch.url,
    enginePid: await enginePidOf(engines.elasticsearch.url),
  });
  return {
    world,
    close: () => {
      closeWorld(world);
      return kuzzle.stop();
    },
  };
}
