/**
 * Disturbs the connections to Elasticsearch and to Redis in each way of `TcpProxy`, while
 * many clients read and write the same documents; then compares their responses with what
 * is stored. `npm run test:network`; `-- --short` for each commit, `-- --seconds 30` sets
 * the duration of each disturbance.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { startKuzzle } from "../../scripts/stack/kuzzle";
import { TcpProxy, type Toxics } from "../support/TcpProxy";
import { givenEngines } from "./engines";
import { runRound } from "./history/round";
import { crossTableOf, type NamedRound, tableOf } from "./history/tables";
import { KuzzleClient } from "./KuzzleClient";
import { runProgram } from "./runProgram";

const INDEX = "network";
const CLIENTS = 8;
const DOCUMENTS = 12;
/** Longer than all of the plugin's waits together, plus a fault. */
const PATIENCE_MS = 40_000;

const KINDS: Readonly<Record<string, Toxics>> = {
  none: {},
  latency: { latencyMs: 100 },
  jitter: { latencyMs: 10, jitterMs: 300 },
  bandwidth: { bytesPerSecond: 20_000 },
  slicer: { sliceBytes: 20 },
  reset: { isReset: true },
  silence: { isSilent: true },
  "half an answer": { cutAfterBytes: 150 },
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      seconds: { type: "string", default: "10" },
    },
  });
  const ms = values.short ? 1_000 : Number(values.seconds) * 1_000;
  const { elasticsearch, redis } = givenEngines();
  const engine = new URL(elasticsearch.url);
  const proxies = {
    Elasticsearch: await TcpProxy.start({
      host: engine.hostname,
      port: Number(engine.port),
    }),
    Redis: await TcpProxy.start(redis),
  };
  const running = await startKuzzle({
    engines: {
      elasticsearch: {
        ...elasticsearch,
        url: `http://127.0.0.1:${proxies.Elasticsearch.port}`,
      },
      redis: { ...redis, host: "127.0.0.1", port: proxies.Redis.port },
    },
    log: () => undefined,
    name: "kuzzle-on-a-bad-network",
    config: {
      plugins: {
        batch: {
          engineTimeoutMs: 3_000,
          journalLeaseMs: 3_000,
          journalTaskWaitMs: 3_000,
          journalSweepMs: 200,
        },
      },
    },
  });
  const kuzzle = await KuzzleClient.logIn(running.url);
  await kuzzle.createCollection(INDEX, "documents");

  const rows: NamedRound[] = [];
  for (const [server, proxy] of Object.entries(proxies)) {
    for (const [kind, toxics] of Object.entries(KINDS)) {
      const name = `${server}: ${kind}`;
      const result = await runRound(
        {
          kuzzles: [kuzzle],
          count: CLIENTS,
          place: { index: INDEX, collection: "documents" },
          ids: Array.from(
            { length: DOCUMENTS },
            (_, i) => `${rows.length}-${i}`,
          ),
          patienceMs: PATIENCE_MS,
          pauseMs: 20,
        },
        elasticsearch.url,
        async () => {
          await sleep(500);
          proxy.set(toxics);
          await sleep(ms);
          proxy.set({});
          await sleep(500);
        },
      );
      rows.push([name, result]);
      const { violations, stuck } = result;
      console.log(
        `${violations.length + stuck === 0 ? "✓" : "✗"} ${name}`,
        ...violations.slice(0, 5),
      );
    }
  }
  await running.stop();
  await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));

  const { lines, faults } = tableOf("network", rows);
  console.log(lines);
  console.log(crossTableOf("network", rows));
  console.log(`${rows.length} passed, ${faults} failed`);
  process.exitCode = faults > 0 ? 1 : 0;
}

runProgram(main);
