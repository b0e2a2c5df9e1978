import { redisUrl, startEngines } from "../engines";
import { publish } from "../endpoints";
import { assertPortFree, startKuzzle } from "../kuzzle";
import { seconds, toTerminal as log } from "../progress";

const PORT = 7512;

/** The plugin on a real Kuzzle with real data, until it is stopped. */
export async function start(): Promise<number> {
  const started = Date.now();
  await assertPortFree(PORT);
  const engines = await startEngines({ fresh: false, log });
  const kuzzle = await startKuzzle({ engines, port: PORT, log });
  const addresses = {
    kuzzle: kuzzle.url,
    elasticsearch: engines.elasticsearch.url,
    redis: redisUrl(engines.redis),
  };
  log(`Ready after ${seconds(Date.now() - started)}`);
  publish("endpoints.json", addresses);
  const reason = await kuzzle.exited;
  throw new Error(`Kuzzle ended (${reason}). Its log: ${kuzzle.logFile}`);
}
