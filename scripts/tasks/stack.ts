import { redisUrl, startEngines } from "../stack/engines/index";
import { publishKept } from "../stack/kept";
import { toTerminal as log } from "../stack/progress";

/** Keeps engines running for `npm run test:features`, until stopped. */
export async function stack(): Promise<number> {
  const engines = await startEngines({ fresh: true, log });
  publishKept(engines);
  log(`
Elasticsearch ${engines.elasticsearch.major}  ${engines.elasticsearch.url}
Redis            ${redisUrl(engines.redis)}

In another terminal, as often as you like:

  npm run test:features -- --name "part of a scenario's name"

Each run empties these engines and starts a Kuzzle of its own with the code as it
is then. Ctrl-C stops them.`);
  return new Promise<never>(() => {
    // Until a signal ends it. The timer keeps Node from exiting.
    setInterval(() => {}, 60_000);
  });
}
