import { ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { schemathesisPython } from "../stack/schemathesis";
import { type Counts, countSum, exitCode } from "./counts";
import { onTestStack } from "./features";

/** Requests made out of the OpenAPI descriptions; `args` go to the script. */
export async function testSchemathesis(
  args: readonly string[],
): Promise<number> {
  const counts = await onTestStack({}, (env) => countSchemathesis(args, env));
  return exitCode(counts);
}

/** Each operation is a test, for each caller. */
export async function countSchemathesis(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const python = await schemathesisPython(log);
  let output = "";
  const code = await runToEnd(
    process.execPath,
    ["--require", "tsx/cjs", "test/load/schemathesis/run.ts", ...args],
    {
      cwd: ROOT,
      env: { ...env, SCHEMATHESIS_PYTHON: python },
      onOutput: (text) => {
        output += text;
        process.stdout.write(text);
      },
    },
  );
  return countSum(output, code);
}
