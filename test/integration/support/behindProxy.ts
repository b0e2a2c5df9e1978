/** A Kuzzle of its own, whose calls to the engine pass a proxy. */
import { parseRedisUrl } from "../../../scripts/stack/engines/environment";
import { startKuzzle, type RunningKuzzle } from "../../../scripts/stack/kuzzle";
import { ENGINE_MAJOR } from "./engine";
import type { FaultProxy } from "./FaultProxy";

/**
 * @param name of its logs
 * @param batch the plugin's configuration
 */
export function startKuzzleBehind(
  proxy: FaultProxy,
  name: string,
  batch: Record<string, unknown>,
): Promise<RunningKuzzle> {
  return startKuzzle({
    engines: {
      elasticsearch: { url: proxy.url, major: ENGINE_MAJOR === "7" ? 7 : 8 },
      redis: parseRedisUrl(String(process.env.TEST_REDIS_URL)),
    },
    log: () => undefined,
    name,
    config: { plugins: { batch } },
  });
}
