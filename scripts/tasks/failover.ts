import type { Major } from "../stack/engines/index";
import { toTerminal as log } from "../stack/progress";
import { type Counts, exitCode } from "./counts";
import { readMajor } from "./features";
import { countScript } from "./script";

/** Kills nodes of an Elasticsearch cluster; `args` except `--major` go to the script. */
export async function failover(args: readonly string[]): Promise<number> {
  const { major = 7, rest } = readMajor(args);
  return exitCode(await countFailovers(rest, major));
}

/** Each kill counts as a test; the script starts the cluster whose nodes it kills. */
export function countFailovers(
  args: readonly string[],
  major: Major,
): Promise<Counts> {
  log("\n• Killing nodes of Elasticsearch");
  return countScript("test/load/failover.ts", args, {
    TEST_ELASTICSEARCH_MAJOR: String(major),
  });
}
