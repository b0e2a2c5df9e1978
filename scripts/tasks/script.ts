import { ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { type Counts, countSum } from "./counts";

/** Runs a script that ends with a sum of what it has tried, and counts by that. */
export async function countScript(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Counts> {
  let output = "";
  const code = await runToEnd(
    process.execPath,
    ["--require", "tsx/cjs", script, ...args],
    {
      cwd: ROOT,
      env: { ...process.env, ...env },
      onOutput: (text) => {
        output += text;
        process.stdout.write(text);
      },
    },
  );
  return countSum(output, code);
}
