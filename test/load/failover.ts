/**
 * Kills the node of Elasticsearch that holds most primaries (SIGKILL) in the middle
 * of atomic batches (mWrite, and batchWrite with deletes), of mWrite with `ifAbsent` and of mUpdate, which all wait for a
 * refresh, while batchGet reads; then the node comes back. `npm run test:failover`;
 * `-- --short` kills twice, `-- --kills 20` as often.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { startCluster7 } from "../../scripts/stack/engines/cluster7";
import { download } from "../../scripts/stack/engines/download";
import { startRedis } from "../../scripts/stack/engines/redis";
import { startKuzzle } from "../../scripts/stack/kuzzle";
import { temporaryFolder } from "../../scripts/stack/paths";
import { toTerminal as log } from "../../scripts/stack/progress";
import { faultsOf, type Findings, judge, noFindings } from "./failover/calls";
import { Engine } from "./failover/engine";
import { ANSWER_MS, COLLECTION, INDEX, prepare, send } from "./failover/kuzzle";
import { planCalls } from "./failover/plan";
import type { KuzzleClient } from "./KuzzleClient";
import { runProgram } from "./runProgram";

/** How long requests go on coming in, and when the node dies, about. */
const ROUND_MS = 1_500;
const RECOVERY_MS = 60_000;

type Action = "no kill" | "kill";

const table = new Map<string, Findings>();
const reads = { requests: 0, found: 0, errors: 0, falselyMissing: 0 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      kills: { type: "string", default: "10" },
    },
  });
  const kills = values.short ? 2 : Number(values.kills);
  const [cluster, redis] = await Promise.all([
    startCluster7(log),
    download(["redis"], log).then((folders) =>
      startRedis(folders.redis, temporaryFolder("redis")),
    ),
  ]);
  const running = await startKuzzle({
    engines: {
      elasticsearch: { url: cluster.url, major: 7 },
      redis: redis.address,
    },
    log,
    config: {
      plugins: {
        // three engines that have just started answer slowly
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
  await engine.untilGreen();

  await round(0, "no kill", kuzzle, engine, async () => undefined);
  for (let i = 1; i <= kills; i++) {
    const node = await engine.busiestNode();
    await round(i, "kill", kuzzle, engine, () => node.kill());
    console.log(`✓ ${i}. killed ${node.box}`);
    await node.start();
    await engine.untilGreen();
  }
  await running.stop();
  await Promise.all([cluster.stop(), redis.service.stop()]);

  console.log(report());
  const failed = [...table.values()].reduce(
    (sum, findings) => sum + faultsOf(findings),
    reads.falselyMissing,
  );
  console.log(`${kills} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Requests of every kind, in the middle of which something happens. */
async function round(
  number: number,
  action: Action,
  kuzzle: KuzzleClient,
  engine: Engine,
  act: () => Promise<void>,
): Promise<void> {
  const calls = await planCalls(number, engine);
  const known = calls.flatMap(({ before, documents }) =>
    documents.flatMap(({ _id, isDeleted }) =>
      before.has(_id) && isDeleted !== true ? [_id] : [],
    ),
  );
  const end = new AbortController();
  const reading = readOn(kuzzle, known, end.signal);

  const answers = Promise.all(
    calls.map(async (call, i) => {
      await sleep((i / calls.length) * ROUND_MS);
      return send(kuzzle, call);
    }),
  );
  await sleep(ROUND_MS * (0.4 + Math.random() * 0.4));
  await act();
  const answered = await answers;
  end.abort();
  await reading;
  await untilSettled(engine);

  const ids = calls.flatMap(({ documents }) => documents.map(({ _id }) => _id));
  const now = await engine.read(ids);
  calls.forEach((call, i) => {
    const name = `${call.kind}, ${action}`;
    const findings = table.get(name) ?? noFindings();
    table.set(name, findings);
    judge(call, answered[i], now, findings);
  });
}

/** batchGet of documents that are there, and of one that is not, over and over. */
async function readOn(
  kuzzle: KuzzleClient,
  known: readonly string[],
  end: AbortSignal,
): Promise<void> {
  while (!end.aborted) {
    const answer = await kuzzle.query(
      {
        ...{ controller: "batch", action: "batchGet" },
        ...{ index: INDEX, collection: COLLECTION },
        body: { ids: [...known, "nowhere"] },
      },
      ANSWER_MS,
    );
    const result = answer.result as Record<
      "documents" | "not_found" | "errors",
      unknown[]
    > | null;
    reads.requests += 1;
    reads.found += result?.documents.length ?? 0;
    reads.errors += result?.errors.length ?? known.length + 1;
    const missing = result?.not_found.filter(
      (entry) => JSON.stringify(entry).includes("nowhere") === false,
    );
    reads.falselyMissing += missing?.length ?? 0;
    await sleep(20);
  }
}

async function untilSettled(engine: Engine): Promise<void> {
  const deadline = Date.now() + RECOVERY_MS;
  for (;;) {
    // a shard may have no primary yet
    const pending = await engine.pendingJournals().catch(() => 1);
    if (pending === 0) return;
    assert.ok(Date.now() < deadline, "a journal stays pending");
    await sleep(200);
  }
}

function report(): string {
  const rows = [...table]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, findings]) => {
      const { refused, ...figures } = findings;
      const codes = Object.entries(refused).map(
        ([code, count]) => `${count} ${code}`,
      );
      return [name, ...Object.values(figures).map(String), codes.join(", ")];
    });
  const { refused: _, ...columns } = noFindings();
  return [["kind, action", ...Object.keys(columns), "refused"], ...rows]
    .map((cells) =>
      cells
        .map((cell) => cell.padEnd(20))
        .join("")
        .trimEnd(),
    )
    .concat(`batchGet: ${JSON.stringify(reads)}`)
    .join("\n");
}

runProgram(main);
