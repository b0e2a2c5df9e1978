import { redisUrl, type Engines, startEngines } from "../stack/engines/index";
import { toTerminal as log } from "../stack/progress";
import { type Counts, exitCode } from "./counts";
import { countScript } from "./script";

/** Kills Kuzzles in the middle of atomic batches; `args` go to the script. */
export async function kill(args: readonly string[]): Promise<number> {
  const engines = await startEngines({ fresh: true, log });
  const counts = await countKills(args, engines);
  await engines.stop();
  return exitCode(counts);
}

/** Each kill is a test; it starts the Kuzzles that it kills itself. */
export function countKills(
  args: readonly string[],
  { elasticsearch, redis }: Pick<Engines, "elasticsearch" | "redis">,
): Promise<Counts> {
  log("\n• Killing Kuzzle in atomic batches");
  return countScript("test/load/kill.ts", args, {
    TEST_ELASTICSEARCH_URL: elasticsearch.url,
    TEST_ELASTICSEARCH_MAJOR: String(elasticsearch.major),
    TEST_REDIS_URL: redisUrl(redis),
  });
}
