import type { Major } from "../stack/engines/index";
import { requireTools } from "../stack/engines/tools";
import { toTerminal as log } from "../stack/progress";
import { countBounds } from "./bounds";
import { countBreaking } from "./breaking";
import { countBrowserTests } from "./browser";
import { build } from "./build";
import { add, type Counts, exitCode, NOTHING, summary } from "./counts";
import {
  countFeatures,
  type FeaturesOptions,
  onEngines,
  onTestKuzzle,
} from "./features";
import { countFailovers } from "./failover";
import { countEngineTests, countUnit } from "./mocha";
import { countSchemathesis } from "./schemathesis";

/** Builds, runs all tests, and prints the totals. */
export async function test(args: readonly string[]): Promise<number> {
  await build();
  return sumUp({
    unit: await countUnit(),
    ...(await countOnStack(args, {})),
    ...(await countWhereThereIsJava(7)),
  });
}

/**
 * Builds, and runs the tests that depend on the engine with the other version; `args`
 * go to cucumber.
 */
export async function testElasticsearch8(
  args: readonly string[],
): Promise<number> {
  await build();
  return sumUp({
    ...(await countOnStack(args, { major: 8 })),
    ...(await countWhereThereIsJava(8)),
  });
}

function countOnStack(args: readonly string[], options: FeaturesOptions) {
  return onEngines(options, async (engines) => ({
    ...(await onTestKuzzle(engines, async (env) => ({
      engine: await countEngineTests([], env),
      ...(await countWhereThereIsABrowser(env)),
      features: await countFeatures(args, env),
      schemathesis: await countSchemathesis(["--short"], env),
    }))),
    // with no other Kuzzle that could recover the batches
    kills: await countBreaking("kill", ["--short"], engines),
    cluster: await countBreaking("cluster", ["--short"], engines),
    network: await countBreaking("network", ["--short"], engines),
    bounds: await countBounds(engines),
  }));
}

/** Skipped, with a message, if there is no browser and none can be installed. */
async function countWhereThereIsABrowser(
  env: NodeJS.ProcessEnv,
): Promise<Record<string, Counts>> {
  const browser = await countBrowserTests([], env);
  return browser === undefined ? {} : { browser };
}

/** The cluster needs local processes: skipped, with a message, without Java. */
async function countWhereThereIsJava(
  major: Major,
): Promise<Record<string, Counts>> {
  try {
    requireTools();
  } catch (error) {
    log(
      `\n• No nodes of Elasticsearch are killed. ${(error as Error).message}`,
    );
    return {};
  }
  return { failovers: await countFailovers(["--short"], major) };
}

/** Every part must have run. */
function sumUp(counts: Record<string, Counts>): number {
  log("");
  for (const [name, part] of Object.entries(counts)) {
    log(summary(TITLES[name] ?? name, part));
  }
  const sum = Object.values(counts).reduce(add, NOTHING);
  log(`${sum.passed} passed, ${sum.failed} failed`);
  return Math.max(...Object.values(counts).map(exitCode));
}

const TITLES: Record<string, string> = {
  unit: "unit tests",
  engine: "engine tests",
  browser: "tests in a browser",
  bounds: "the largest requests",
  cluster: "a cluster of Kuzzles",
  network: "faults of the network",
  schemathesis: "operations tried by Schemathesis",
};
