import { ROOT } from "../stack/paths";
import { runAndRead } from "../stack/process";
import { type Counts, countSum } from "./counts";

/** Runs a script that ends with a total, and counts by it. */
export async function countScript(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Counts> {
  const { output, code } = await runAndRead(
    process.execPath,
    ["--require", "tsx/cjs", script, ...args],
    { cwd: ROOT, env: { ...process.env, ...env } },
  );
  return countSum(output, code);
}
