/**
 * Two and three Kuzzles as one cluster: each knows what the others do, a client survives
 * the death of its node, and a batch survives its node, whether that is dead (SIGKILL) or
 * paused (SIGSTOP) for longer than its lease. `npm run test:cluster`; `-- --short` for each
 * commit, `-- --faults 10` sets the faults in the history over three nodes.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Balancer } from "./cluster/Balancer";
import { pauseInBatch, recoverAtOther, removeReports } from "./cluster/batches";
import {
  INDEX as CLIENTS_INDEX,
  PROTOCOLS,
  type Session,
  type Told,
  writeWhile,
} from "./cluster/clients";
import { type Fault, FAULTS, runHistory } from "./cluster/history";
import { Cluster, type Node, untilTogether } from "./cluster/nodes";
import {
  collectionsAreKnownToBoth,
  notificationsReachBoth,
  rightsAreKnownToBoth,
} from "./cluster/together";
import { crossTableOf, type NamedRound, tableOf } from "./history/tables";
import { prepare } from "./kill/nodes";
import { runProgram } from "./runProgram";

const DOWN_MS = 2_000;
const RETRY_MS = 3_000;
/** For a call that started before, and a busy machine. */
const SLACK_MS = 7_000;

let passed = 0;
const failures: string[] = [];

/** Runs a test, and prints its name with its result or the reason of its failure. */
async function check(
  name: string,
  run: () => Promise<string | void>,
): Promise<void> {
  const startedAt = Date.now();
  try {
    const figures = await run();
    passed += 1;
    const took = `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
    console.log(`✓ ${name} (${took})${figures ? `: ${figures}` : ""}`);
  } catch (error) {
    failures.push(name);
    console.log(`✗ ${name}`, error);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      faults: { type: "string", default: "6" },
    },
  });
  const cluster = await Cluster.create();
  const [here, there] = await Promise.all([cluster.start(), cluster.start()]);
  await untilTogether([here, there]);
  await prepare(here.kuzzle);

  await check("notifications reach subscribers of both nodes", () =>
    notificationsReachBoth(here, there),
  );
  await check(
    "collections made or changed at one node are so at the other",
    () => collectionsAreKnownToBoth(here, there),
  );
  await check("rights given or taken at one node are so at the other", () =>
    rightsAreKnownToBoth(here, there),
  );
  const other = await checkClients(cluster, here, there, values.short);
  await checkBatches(cluster, values.short);
  if (!values.short) {
    const nodes = [here, other, await cluster.start()];
    await untilTogether(nodes);
    await checkHistories(cluster, nodes, Number(values.faults));
  }

  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** @returns the other node, which has died and been restarted meanwhile */
async function checkClients(
  cluster: Cluster,
  here: Node,
  there: Node,
  isShort: boolean,
): Promise<Node> {
  const { token } = here.client;
  const { port } = there.kuzzle;
  let other = there;
  const comeBack = async (): Promise<void> => {
    other = await cluster.start({}, port);
  };
  const balancer = await Balancer.start([port, here.kuzzle.port]);
  const protocols = Object.keys(PROTOCOLS) as Array<keyof typeof PROTOCOLS>;
  for (const protocol of isShort ? protocols.slice(1) : protocols) {
    const session = async (name: string): Promise<Session> => {
      const collection = `${protocol}-${name}`.toLowerCase();
      await here.client.createCollection(CLIENTS_INDEX, collection);
      return { protocol, token, port, collection };
    };
    await check(`${protocol}: a client goes on at the other node`, async () => {
      const told = await writeWhile(
        { ...(await session("both")), port: balancer.port },
        () => other.kill(),
      );
      return assertGoesOn(told);
    });
    await comeBack();
    if (isShort) continue;
    await check(`${protocol}: a client waits for its node`, async () => {
      const told = await writeWhile(await session("back"), async () => {
        await other.kill();
        await sleep(DOWN_MS);
        await comeBack();
      });
      return assertGoesOn(told);
    });
    await check(`${protocol}: a client gives up after retryForMs`, async () => {
      const told = await writeWhile(
        { ...(await session("never")), retryForMs: RETRY_MS },
        () => other.kill(),
      );
      const { counts, goesOn, longestMs } = told;
      assert.ok(!goesOn && counts["not written"] > 0, figuresOf(told));
      assert.ok(longestMs >= RETRY_MS && longestMs < RETRY_MS + SLACK_MS);
      return figuresOf(told);
    });
    await comeBack();
  }
  await balancer.stop();
  return other;
}

function assertGoesOn(told: Told): string {
  const { counts, goesOn } = told;
  assert.ok(goesOn && counts["not written"] === 0, figuresOf(told));
  return figuresOf(told);
}

function figuresOf({ calls, counts, longestMs }: Told): string {
  const documents = Object.entries(counts).map(
    ([outcome, count]) => `${count} ${outcome}`,
  );
  return `${calls} calls, documents: ${documents.join(", ")}, longest call ${longestMs} ms`;
}

async function checkBatches(cluster: Cluster, isShort: boolean): Promise<void> {
  const killedIn = [
    "journal",
    "bulk",
    "before commit",
    "after commit",
  ] as const;
  // the short form of test:kill covers the others
  for (const step of isShort ? [] : killedIn) {
    await check(`a batch killed in ${step} is recovered`, async () => {
      const verdict = await recoverAtOther(cluster, step);
      const isCommitted = step === "after commit";
      assert.equal(verdict, isCommitted ? "committed" : "rolled_back");
    });
  }
  const pausedIn = ["bulk", "journal", "before commit"] as const;
  for (const step of pausedIn.slice(0, isShort ? 1 : undefined)) {
    await check(`a batch paused in ${step} past its lease`, async () => {
      const answer = await pauseInBatch(cluster, step);
      return answer === undefined
        ? "no answer, as Kuzzle stops"
        : `answered ${answer.status} ${answer.error?.id}`;
    });
  }
}

/** Over three nodes, which are killed or paused one after the other. */
async function checkHistories(
  cluster: Cluster,
  nodes: Node[],
  faults: number,
): Promise<void> {
  const rows: NamedRound[] = [];
  for (let i = 0; i < faults; i++) {
    const fault = FAULTS[i % FAULTS.length] as Fault;
    await check(`three nodes, one is ${fault}`, async () => {
      const result = await runHistory(cluster, nodes, i, fault);
      rows.push([fault, result]);
      assert.deepEqual(result.violations, []);
      assert.equal(tableOf("", rows.slice(-1)).faults, 0);
    });
    await untilTogether(nodes);
  }
  console.log(tableOf("node", rows).lines);
  console.log(crossTableOf("node", rows));
}

runProgram(() => main().finally(removeReports));
