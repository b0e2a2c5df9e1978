import { redisUrl, type Engines, startEngines } from "../stack/engines/index";
import { ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { type Counts, countSum, exitCode } from "./counts";

/** Kills Kuzzles in the middle of atomic batches; `args` go to the script. */
export async function kill(args: readonly string[]): Promise<number> {
  const engines = await startEngines({ fresh: true, log });
  const counts = await countKills(args, engines);
  await engines.stop();
  return exitCode(counts);
}

/** Each kill is a test; it starts the Kuzzles that it kills itself. */
export async function countKills(
  args: readonly string[],
  { elasticsearch, redis }: Pick<Engines, "elasticsearch" | "redis">,
): Promise<Counts> {
  let output = "";
  log("\n• Killing Kuzzle in atomic batches");
  const code = await runToEnd(
    process.execPath,
    ["--require", "tsx/cjs", "test/load/kill.ts", ...args],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        TEST_ELASTICSEARCH_URL: elasticsearch.url,
        TEST_ELASTICSEARCH_MAJOR: String(elasticsearch.major),
        TEST_REDIS_URL: redisUrl(redis),
      },
      onOutput: (text) => {
        output += text;
        process.stdout.write(text);
      },
    },
  );
  return countSum(output, code);
}
