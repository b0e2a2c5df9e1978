import { ROOT } from "../stack/paths";
import { runAndRead } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { type Counts, countUnitTests, exitCode, summary } from "./counts";
import { onTestStack, readMajor } from "./features";

/** Tests that only need Node. */
export function countUnit(): Promise<Counts> {
  return countMocha("Unit tests", ["--reporter", "dot"], process.env);
}

/** Tests that need real engines, and in part a Kuzzle. */
export function countEngineTests(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const config = ["--config", ".mocharc.engine.json"];
  return countMocha("Tests on the engine", [...config, ...args], env);
}

/** Runs the engine tests alone; `args` except `--major` go to mocha. */
export async function runEngineTests(args: readonly string[]): Promise<number> {
  const { rest, ...options } = readMajor(args);
  const counts = await onTestStack(options, (env) =>
    countEngineTests(rest, env),
  );
  log(summary("engine tests", counts));
  return exitCode(counts);
}

/** Runs mocha; `args` name the configuration, if not the default one. */
export async function countMocha(
  title: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  log(`\n• ${title}`);
  const { output, code } = await runAndRead(
    process.execPath,
    ["node_modules/mocha/bin/mocha.js", ...args],
    { cwd: ROOT, env },
  );
  return countUnitTests(output, code);
}
