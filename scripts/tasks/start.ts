import { exampleCalls } from "../sample/calls";
import { loadSample } from "../sample/load";
import { publish } from "../stack/endpoints";
import { type Engines, redisUrl, startEngines } from "../stack/engines/index";
import {
  assertPortFree,
  type RunningKuzzle,
  startKuzzle,
} from "../stack/kuzzle";
import { seconds, toTerminal as log } from "../stack/progress";

const PORT = 7512;

/** The rights on a Kuzzle that was just started. */
export const RIGHTS = `No login is needed: on a new Kuzzle, anonymous users may do everything until the
first administrator is created with \`reset\`.`;

/** Runs the plugin on a real Kuzzle with real data, until stopped. */
export async function start(): Promise<number> {
  const started = Date.now();
  await assertPortFree(PORT);
  const engines = await startEngines({ fresh: false, log });
  const kuzzle = await startKuzzle({ engines, port: PORT, log });
  await loadSample(kuzzle.url, log);

  log(`\n${exampleCalls(kuzzle.url)}\n`);
  log(summary(kuzzle, engines));
  log(`Ready after ${seconds(Date.now() - started)}. Ctrl-C stops everything.`);
  // Last: when this file exists, everything works.
  publish("endpoints.json", {
    kuzzle: kuzzle.url,
    elasticsearch: engines.elasticsearch.url,
    redis: redisUrl(engines.redis),
  });
  throw new Error(
    `Kuzzle ended (${await kuzzle.exited}). Its log: ${kuzzle.logFile}`,
  );
}

function summary(kuzzle: RunningKuzzle, engines: Engines): string {
  const { elasticsearch, redis } = engines;
  return `Kuzzle           ${kuzzle.url} (HTTP), ws://${kuzzle.host}:${kuzzle.port} (WebSocket)
Elasticsearch ${elasticsearch.major}  ${elasticsearch.url} (${engines.origin})
Redis            ${redisUrl(redis)}
Kuzzle's log     ${kuzzle.logFile}

${RIGHTS} The data stays for the next start.
`;
}
