/**
 * Kills the node of Elasticsearch that holds most primaries (SIGKILL) in the middle of
 * atomic batches (mWrite, and batchWrite with deletes), of mWrite with `ifAbsent` and of
 * mUpdate, all with a wait for a refresh, while batchGet reads, documents are streamed and
 * imported, and clients of all actions record a history; then the node is restarted. Each
 * round with a kill has one without for comparison. `npm run test:failover`; `-- --short`
 * kills twice, `-- --kills 20` twenty times.
 */
import { parseArgs } from "node:util";

import { startKuzzle } from "../../scripts/stack/kuzzle";
import { toTerminal as log } from "../../scripts/stack/progress";
import { givenMajor } from "./engines";
import { Engine } from "./failover/engine";
import { STREAMED_IDS } from "./failover/flows";
import { COLLECTION, INDEX, prepare } from "./failover/kuzzle";
import { Rounds } from "./failover/Rounds";
import { startServers } from "./failover/servers";
import { runProgram } from "./runProgram";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      kills: { type: "string", default: "10" },
    },
  });
  const kills = values.short ? 2 : Number(values.kills);
  const servers = await startServers();
  const { cluster, redis } = servers;
  const running = await startKuzzle({
    engines: {
      elasticsearch: { url: cluster.url, major: givenMajor() },
      redis,
    },
    log,
    config: {
      plugins: {
        // three engines that have just started are slow
        common: { initTimeout: 60_000 },
        batch: {
          engineTimeoutMs: 20_000,
          journalLeaseMs: 20_000,
          journalSweepMs: 1_000,
        },
      },
    },
  });
  const kuzzle = await prepare(running.url);
  const engine = new Engine(
    cluster,
    encodeURIComponent(`@&${INDEX}.${COLLECTION}`),
  );
  await engine.store(new Map(STREAMED_IDS.map((_id) => [_id, { is: _id }])));
  await engine.untilGreen();

  const rounds = new Rounds(kuzzle, engine, cluster.url);
  let passed = 0;
  let known = 0;
  for (let i = 1; i <= kills; i++) {
    await rounds.run("no kill", async () => undefined);
    const node = await engine.busiestNode();
    await rounds.run("kill", () => node.kill());
    const { faults } = rounds.report();
    const isFaulty = faults > known;
    passed += isFaulty ? 0 : 1;
    known = faults;
    console.log(`${isFaulty ? "✗" : "✓"} ${i}. killed ${node.box}`);
    await node.start();
    await engine.untilGreen();
  }
  await running.stop();
  await servers.stop();

  const { lines, faults } = rounds.report();
  console.log(lines);
  console.log(`${passed} passed, ${faults} failed`);
  process.exitCode = faults > 0 ? 1 : 0;
}

runProgram(main);
