import { toTerminal as log } from "../stack/progress";
import { type Counts, exitCode } from "./counts";
import { countScript } from "./script";

/** Kills nodes of a cluster of Elasticsearch; `args` go to the script. */
export async function failover(args: readonly string[]): Promise<number> {
  return exitCode(await countFailovers(args));
}

/** Each kill is a test; the script starts the cluster whose nodes it kills. */
export function countFailovers(args: readonly string[]): Promise<Counts> {
  log("\n• Killing nodes of Elasticsearch");
  return countScript("test/load/failover.ts", args);
}
