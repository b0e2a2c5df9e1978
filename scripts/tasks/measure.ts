import { startEngines } from "../stack/engines/index";
import { startKuzzle } from "../stack/kuzzle";
import { ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { readMajor, testEnvironment } from "./features";

/**
 * Runs a script that asks a lot of a Kuzzle and of engines of its own, and is
 * too long for every day. `app` is the application, if not the plain one; `args` go
 * to the script, but for `--major`.
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
