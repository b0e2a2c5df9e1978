import { toTerminal as log } from "../stack/progress";
import { schemathesisPython } from "../stack/schemathesis";
import { type Counts, exitCode } from "./counts";
import { onTestStack } from "./features";
import { countScript } from "./script";

/** Sends requests generated from the OpenAPI descriptions; `args` go to the script. */
export async function testSchemathesis(
  args: readonly string[],
): Promise<number> {
  const counts = await onTestStack({}, (env) => countSchemathesis(args, env));
  return exitCode(counts);
}

/** Each operation counts as a test, for each caller. */
export async function countSchemathesis(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const python = await schemathesisPython(log);
  return countScript("test/load/schemathesis/run.ts", args, {
    ...env,
    SCHEMATHESIS_PYTHON: python,
  });
}
