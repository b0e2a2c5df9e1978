import { ROOT } from "../paths";
import { runToEnd } from "../process";
import { timed, toTerminal as log } from "../progress";
import { add, exitCode } from "./counts";
import { countFeatures, type FeaturesOptions, onTestStack } from "./features";
import { countEngineTests, countUnit } from "./mocha";

/** Builds, runs all tests, and ends with the sum of them. */
export async function test(args: readonly string[]): Promise<number> {
  await build();
  const unit = await countUnit();
  const { engine, features } = await countOnStack(args, {});
  const sum = add(add(unit, engine), features);
  log(`unit tests: ${unit.passed} passed, ${unit.failed} failed`);
  log(`engine tests: ${engine.passed} passed, ${engine.failed} failed`);
  log(`features: ${features.passed} passed, ${features.failed} failed`);
  log(`${sum.passed} passed, ${sum.failed} failed`);
  // Each has to have run.
  return Math.max(...[unit, engine, features].map(exitCode));
}

/** What depends on the engine, on its other version. `args` go to cucumber. */
export async function testElasticsearch8(
  args: readonly string[],
): Promise<number> {
  const { engine, features } = await countOnStack(args, { major: 8 });
  const sum = add(engine, features);
  log(`engine tests: ${engine.passed} passed, ${engine.failed} failed`);
  log(`features: ${features.passed} passed, ${features.failed} failed`);
  log(`${sum.passed} passed, ${sum.failed} failed`);
  return Math.max(...[engine, features].map(exitCode));
}

function countOnStack(args: readonly string[], options: FeaturesOptions) {
  return onTestStack(options, async (env) => ({
    engine: await countEngineTests([], env),
    features: await countFeatures(args, env),
  }));
}

async function build(): Promise<void> {
  await timed(log, "Building (tsc)", async () => {
    const code = await runToEnd(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
      { cwd: ROOT },
    );
    if (code !== 0) throw new Error("The build failed.");
  });
}
