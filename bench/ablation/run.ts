/**
 * `npm run bench -- --ablation all`: what each fast path brings. A Kuzzle with the
 * plugin as it is takes turns with one whose plugin does without the path, on the
 * same engines.
 *
 *   npm run bench -- --ablation group-commit    one path alone, or several
 *   npm run bench -- --ablation prometheus      what kuzzle-plugin-prometheus costs
 *   npm run bench -- --ablation all --prometheus   all paths, with it installed
 *   npm run bench -- --ablation all --scenario L1  instead of each path's own scenarios
 */
import type { Engines } from "../../scripts/stack/engines/index";
import { startKuzzle, type RunningKuzzle } from "../../scripts/stack/kuzzle";
import type { Log } from "../../scripts/stack/progress";
import { LOADS } from "../load/callers";
import { measureLoad, type MeasuredLoad } from "../load/measure";
import type { LoadScenario, LoadVariant } from "../load/scenario";
import { closeWorld, openWorld, type World } from "../world";
import { PATHS, type FastPath } from "./paths.cjs";

export interface AblationOptions {
  readonly engines: Engines;
  readonly log: Log;
  /** of paths, `prometheus`, or `all` */
  readonly names: readonly string[];
  /** instead of each path's own */
  readonly scenarios?: readonly string[] | undefined;
  /** all Kuzzles have kuzzle-plugin-prometheus */
  readonly withPrometheus: boolean;
  readonly rounds?: number | undefined;
}

/** Not a path: the other Kuzzle has kuzzle-plugin-prometheus. */
const PROMETHEUS = "prometheus";

const ALL_PATHS: Record<string, Pick<FastPath, "title" | "scenarios">> = {
  ...PATHS,
  [PROMETHEUS]: {
    title: "kuzzle-plugin-prometheus, beside a Kuzzle without it",
    scenarios: ["L1", "L2", "L3", "L5"],
  },
};

/** @throws when there is no such path */
export async function ablate(options: AblationOptions): Promise<void> {
  const names = options.names.includes("all")
    ? Object.keys(ALL_PATHS)
    : options.names;
  names.forEach(pathOf);
  const whole = await startBenchKuzzle(options, {});
  for (const name of names) {
    await ablateOne(name, whole, options);
  }
  await whole.close();
}

async function ablateOne(
  name: string,
  whole: BenchKuzzle,
  options: AblationOptions,
): Promise<void> {
  const { title, scenarios } = pathOf(name);
  const ids = options.scenarios ?? scenarios;
  // their collections have to be there before the other Kuzzle starts
  const own = await makeScenarios(ids, whole.world);
  const without = await startBenchKuzzle(
    options,
    name === PROMETHEUS ? { BENCH_PROMETHEUS: "1" } : { BENCH_WITHOUT: name },
  );
  const other = await makeScenarios(ids, without.world);
  console.log(`\n## ${name}: ${title}`);
  for (const [i, scenario] of own.entries()) {
    const against = other[i] as LoadScenario;
    const measured = await measureLoad(
      { ...scenario, variants: variantsOf(name, scenario, against) },
      options.rounds,
    );
    console.log(toText(measured));
  }
  [...own, ...other].forEach((each) => each.close?.());
  await without.close();
}

function variantsOf(
  name: string,
  whole: LoadScenario,
  without: LoadScenario,
): [LoadVariant, ...LoadVariant[]] {
  const [ours, native] = whole.variants as [LoadVariant, LoadVariant];
  const [oursThere, nativeThere] = without.variants as typeof whole.variants &
    [LoadVariant, LoadVariant];
  return name === PROMETHEUS
    ? [
        ours,
        { ...oursThere, name: `ours with ${name}` },
        native,
        { ...nativeThere, name: `native with ${name}` },
      ]
    : [ours, { ...oursThere, name: "ours without it" }, native];
}

function toText({ id, title, callers, variants }: MeasuredLoad): string {
  const [ours] = variants as [MeasuredLoad["variants"][number]];
  return [
    `${id}  ${title}, ${callers} callers`,
    ...variants.map(
      ({ name, rate, cpuMs, p50, p99 }) =>
        `    ${name.padEnd(20)} ${rate.toFixed(0).padStart(6)} requests/s (ours to it ${(ours.rate / rate).toFixed(2)})   Kuzzle ${cpuMs.toFixed(3)} ms CPU (ours to it ${(ours.cpuMs / cpuMs).toFixed(2)})   p50 ${p50.toFixed(1)}   p99 ${p99.toFixed(1)} ms`,
    ),
  ].join("\n");
}

function pathOf(name: string): Pick<FastPath, "title" | "scenarios"> {
  const path = ALL_PATHS[name];
  if (path === undefined) {
    const all = [...Object.keys(ALL_PATHS), "all"].join(", ");
    throw new Error(`There is no fast path "${name}". There are: ${all}.`);
  }
  return path;
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

interface BenchKuzzle {
  readonly world: World;
  close(): Promise<void>;
}

async function startBenchKuzzle(
  { engines, log, withPrometheus }: AblationOptions,
  env: Readonly<Record<string, string>>,
): Promise<BenchKuzzle> {
  const kuzzle: RunningKuzzle = await startKuzzle({
    engines,
    log,
    app: "bench/app.cjs",
    name: env.BENCH_WITHOUT ?? "kuzzle",
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
  });
  return {
    world,
    close: () => {
      closeWorld(world);
      return kuzzle.stop();
    },
  };
}
