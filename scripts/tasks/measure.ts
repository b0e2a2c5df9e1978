import { startEngines } from "../stack/engines/index";
import { startKuzzle } from "../stack/kuzzle";
import { ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { readMajor, testEnvironment } from "./features";

/**
 * Runs a long script that puts a Kuzzle and its engines under load, too long for daily
 * runs. `app` is the application, if not the plain one; `args` except `--major` go to
 * the script.
 */
export async function measure(
  script: string,
  args: readonly string[],
  app?: string,
): Promise<number> {
  const { major, rest } = readMajor(args);
  const engines = await startEngines({
    ...{ fresh: true, log },
    ...(major && { major }),
  });
  const kuzzle = await startKuzzle({ engines, log, ...(app && { app }) });
  const code = await runToEnd(
    process.execPath,
    ["--require", "tsx/cjs", script, ...rest],
    { cwd: ROOT, env: testEnvironment(kuzzle, engines) },
  );
  await kuzzle.stop();
  await engines.stop();
  return code;
}
