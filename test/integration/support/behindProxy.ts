/** A separate Kuzzle on the engines of the run, optionally behind a proxy. */
import { parseRedisUrl } from "../../../scripts/stack/engines/environment";
import { startKuzzle, type RunningKuzzle } from "../../../scripts/stack/kuzzle";
import { ENGINE_MAJOR, ENGINE_URL } from "./engine";

/**
 * @param proxy forwards its calls to Elasticsearch
 * @param name name for its logs
 * @param batch the plugin's configuration
 */
export function startKuzzleBehind(
  proxy: { readonly url: string },
  name: string,
  batch: Record<string, unknown>,
): Promise<RunningKuzzle> {
  return startSecondKuzzle(name, batch, {}, proxy.url);
}

/** @param env additional environment variables */
export function startSecondKuzzle(
  name: string,
  batch: Record<string, unknown>,
  env: Readonly<Record<string, string>>,
  url = ENGINE_URL,
): Promise<RunningKuzzle> {
  return startKuzzle({
    engines: {
      elasticsearch: { url, major: ENGINE_MAJOR === "7" ? 7 : 8 },
      redis: parseRedisUrl(String(process.env.TEST_REDIS_URL)),
    },
    log: () => undefined,
    name,
    env,
    config: { plugins: { batch } },
  });
}
