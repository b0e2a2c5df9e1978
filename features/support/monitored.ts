/** A second Kuzzle on the same engines, with kuzzle-plugin-prometheus installed as well. */
import { type RunningKuzzle, startKuzzle } from "../../scripts/stack/kuzzle";
import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import { askEngine } from "./engine";
import { environment } from "./environment";

let running: Promise<RunningKuzzle> | null = null;

export function monitoredKuzzle(): Promise<RunningKuzzle> {
  running ??= start();

  return running;
}

export async function stopMonitoredKuzzle(): Promise<void> {
  const kuzzle = await running;

  running = null;
  await kuzzle?.stop();
}

async function start(): Promise<RunningKuzzle> {
  const { body } = await askEngine("GET", "/");
  const { number } = body["version"] as { number: string };

  return startKuzzle({
    engines: {
      elasticsearch: {
        url: environment.elasticsearchUrl,
        major: number.startsWith("8.") ? 8 : 7,
      },
      redis: parseRedisUrl(environment.redisUrl),
    },
    app: "features/support/monitoredApp.ts",
    name: "monitored",
    log: () => undefined,
  });
}
