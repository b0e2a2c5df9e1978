import { redisUrl, type Engines } from "../stack/engines/index";
import { toTerminal as log } from "../stack/progress";
import { type Counts, exitCode } from "./counts";
import { onEngines, readMajor } from "./features";
import { countScript } from "./script";

/** Programs that start their own Kuzzles, in order to break them or their engines. */
const PROGRAMS = {
  kill: "Killing Kuzzle during atomic batches",
  cluster: "Killing and pausing nodes of a Kuzzle cluster",
  network: "Breaking the network",
  states: "Making Elasticsearch reject requests",
} as const;

export type Breaking = keyof typeof PROGRAMS;

/** Runs one of them with its own engines; `args` except `--major` go to the script. */
export function breaking(
  name: Breaking,
): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    const { rest, ...options } = readMajor(args);
    if (rest.includes("--failovers")) {
      // it starts a cluster whose nodes it kills
      return exitCode(
        await countScript(`test/load/${name}.ts`, rest, {
          TEST_ELASTICSEARCH_MAJOR: String(options.major ?? 7),
        }),
      );
    }
    return exitCode(
      await onEngines(options, (engines) => countBreaking(name, rest, engines)),
    );
  };
}

/** Each fault counts as a test. */
export function countBreaking(
  name: Breaking,
  args: readonly string[],
  { elasticsearch, redis }: Pick<Engines, "elasticsearch" | "redis">,
): Promise<Counts> {
  log(`\n• ${PROGRAMS[name]}`);
  return countScript(`test/load/${name}.ts`, args, {
    TEST_ELASTICSEARCH_URL: elasticsearch.url,
    TEST_ELASTICSEARCH_MAJOR: String(elasticsearch.major),
    TEST_REDIS_URL: redisUrl(redis),
  });
}
