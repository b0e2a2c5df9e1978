/**
 * Kills the node of an atomic batch (SIGKILL) again and again, in each step of the protocol
 * and in recovery, while another client bypasses it and writes some of the same documents;
 * another node recovers, and meanwhile serves clients of all actions, whose history is
 * checked. Every second batch is a batchWrite with all its operations, over three
 * collections. `npm run test:kill` runs it on its own engines; `-- --short` kills once in
 * each step, `-- --mixed` uses batchWrite only; with `-- --failovers 20`, in 20 of the
 * kills the node of Elasticsearch with most primaries dies as well, and is restarted.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { environment } from "../../features/support/environment";
import { redisUrl } from "../../scripts/stack/engines/index";
import { Engine } from "./failover/engine";
import { REPLICATED, startServers } from "./failover/servers";
import type { Clients } from "./history/clients";
import { runRound } from "./history/round";
import { crossTableOf, type NamedRound, tableOf } from "./history/tables";
import { untilNothingIsPending } from "./kill/engine";
import {
  assertPausedWritesNothing,
  assertRunsOnce,
  keysThatHang,
} from "./kill/keys";
import {
  diesWithin,
  holdFile,
  prepare,
  removeReports,
  reportOf,
  send,
  start,
  startVictim,
  type Victim,
} from "./kill/nodes";
import { STEPS, type Step } from "./kill/plan";
import { Round } from "./kill/round";
import { tableOfKills, type Kill } from "./kill/table";
import { INDEX, type Action } from "./kill/targets";
import type { KuzzleClient } from "./KuzzleClient";
import { runProgram } from "./runProgram";

/** A batch that did not reach its planned step is not a kill. */
const MAX_MISSES = 20;
/** On a busy machine, a step may be reached late. */
const DEATH_MS = 45_000;
/** After a response, the step has been missed, unless it was the last one. */
const LATE_DEATH_MS = 2_000;
/**
 * How long after the request a node of Elasticsearch dies, unless it dies with the Kuzzle.
 */
const WITHIN_MS = 150;
/** Number of clients that record a history at the surviving node. */
const CLIENTS = 3;
const DOCUMENTS = 12;
const BESIDE = { index: "beside-kills", collection: "documents" } as const;
const PATIENCE_MS = 40_000;
const PAUSE_MS = 200;

const kills: Kill[] = [];
const failures: string[] = [];
const rounds: Round[] = [];
const histories: NamedRound[] = [];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      kills: { type: "string", default: "105" },
      mixed: { type: "boolean", default: false },
      failovers: { type: "string", default: "0" },
    },
  });
  const perStep = values.short
    ? 1
    : Math.ceil(Number(values.kills) / STEPS.length);
  const wanted = shuffled(
    STEPS.flatMap((step) => Array.from({ length: perStep }, () => step)),
  );
  const failovers = Number(values.failovers);
  const servers = failovers > 0 ? await startServers() : undefined;
  if (servers !== undefined) {
    environment.elasticsearchUrl = servers.cluster.url;
    environment.redisUrl = redisUrl(servers.redis);
  }
  const engine =
    servers && new Engine(servers.cluster, encodeURIComponent(`@&${INDEX}.*`));

  const survivor = await start();
  const bystander = await prepare(survivor, engine && REPLICATED);
  await bystander.createCollection(
    BESIDE.index,
    BESIDE.collection,
    engine && REPLICATED,
  );
  await engine?.untilGreen();
  await assertRunsOnce(survivor, newRound("bulk", "mWrite"));
  await assertPausedWritesNothing(
    survivor,
    newRound("reading", "mWrite", { isAlone: true }),
  );

  let misses = 0;
  let next = startVictim(wanted[0]);
  for (let i = 0; i < wanted.length;) {
    const victim = await next;
    // the next one starts while this one's batch is recovered, unless it is to die in a
    // recovery: it would die in this one, before it is ready
    let isNextStarted = false;
    const isMixed = values.mixed || rounds.length % 2 === 0;
    const action = isMixed ? "batchWrite" : "mWrite";
    const isFailover = isEvery(i, failovers, wanted.length);
    const round = newRound(wanted[i] as Step, action, {
      isAlone: isFailover || rounds.length % 4 < 2,
      isFailover,
    });
    const isKilled = await killOne(victim, round, bystander, engine, () => {
      if (wanted[i + 1] !== "recovery" && !isFailover) {
        next = startVictim(wanted[i + 1]);
        isNextStarted = true;
      }
    });
    i += isKilled ? 1 : 0;
    misses += isKilled ? 0 : 1;
    assert.ok(misses <= MAX_MISSES, "too many batches did not die as planned");
    if (!isNextStarted) {
      next = startVictim(wanted[i]);
    }
  }
  await (await next).kuzzle?.stop();
  failures.push(...(await keysThatHang(survivor, rounds)));
  await survivor.stop();
  await servers?.stop();

  const { lines, faults } = tableOf("killed in", histories);
  console.log(tableOfKills(kills));
  console.log(`\n${lines}\n\n${crossTableOf("killed in", histories)}`);
  failures.forEach((failure) => console.log(`✗ ${failure}`));
  const failed = failures.length + faults;
  console.log(`${kills.length} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function newRound(
  step: Step,
  action: Action,
  company: ConstructorParameters<typeof Round>[3] = {},
): Round {
  const round = new Round(rounds.length, step, action, company);
  rounds.push(round);
  return round;
}

/**
 * @param bystander clients that work at the surviving node until the batch is decided
 * @returns whether the node died in the intended step
 */
async function killOne(
  victim: Victim,
  round: Round,
  bystander: KuzzleClient,
  engine: Engine | undefined,
  onDeath: () => void,
): Promise<boolean> {
  const { number, step, action, isAlone, isFailover } = round;
  await round.prepare();
  const node = isFailover ? await engine?.busiestNode() : undefined;
  let isKilled = false;

  const history = await runRound(
    clientsBeside(number, bystander),
    environment.elasticsearchUrl,
    async (recorder) => {
      isKilled = await dieIn(round, victim, async () => {
        if (node) await recorder.recordFailover(() => node.kill());
      });
      if (isKilled) {
        onDeath();
      }
      await round.disturbLate();
      await round.untilDecided();
      await node?.start();
      await engine?.untilGreen();
    },
  );
  await untilNothingIsPending();
  histories.push([`${step}${isFailover ? ", failover" : ""}`, history]);
  history.violations.forEach((violation) => console.log("✗", violation));
  try {
    const verdict = await round.judge();
    if (isKilled) {
      kills.push({ step, action, isAlone, isFailover, verdict });
      console.log(
        `✓ ${kills.length}. ${action} killed in ${step}${isAlone ? ", alone" : ""}${isFailover ? ", with a node of Elasticsearch" : ""}: ${verdict}`,
      );
    }
  } catch (error) {
    const failure = `round ${number} (${action}, ${step}): ${String(error)}`;
    failures.push(failure);
    console.log(`✗ ${failure}`);
  }
  return isKilled;
}

/** On documents that only they write. */
function clientsBeside(number: number, kuzzle: KuzzleClient): Clients {
  return {
    kuzzles: [kuzzle],
    count: CLIENTS,
    place: BESIDE,
    ids: Array.from({ length: DOCUMENTS }, (_, i) => `${number}-${i}`),
    patienceMs: PATIENCE_MS,
    pauseMs: PAUSE_MS,
  };
}

/**
 * @param killNode kills a node of Elasticsearch, if one is to die as well
 * @returns as `killOne`
 */
async function dieIn(
  round: Round,
  { kuzzle, plan }: Victim,
  killNode: () => Promise<void>,
): Promise<boolean> {
  assert.ok(kuzzle !== undefined && plan !== undefined);
  const isInRecovery = round.step === "recovery";
  let isAnswered = false;
  if (isInRecovery) {
    await abandon(round);
    await killNode();
  } else {
    const answered = send(kuzzle, round);
    const isEarly = Math.random() < 0.5;
    const moment = isEarly ? sleep(Math.random() * WITHIN_MS) : answered;
    await Promise.all([round.disturbEarly(), moment.then(killNode)]);
    isAnswered = (await answered) !== undefined;
  }
  const hasDied = await diesWithin(
    kuzzle,
    isAnswered ? LATE_DEATH_MS : DEATH_MS,
  );
  round.diedAt = Date.now();
  const isAsPlanned = reportOf(plan)?.inRequest === !isInRecovery;
  await kuzzle.stop();
  rmSync(holdFile, { force: true });
  return hasDied && isAsPlanned;
}

/** Leaves a dead node's batch to the victim, which dies while recovering it. */
async function abandon(round: Round): Promise<void> {
  writeFileSync(holdFile, "");
  const { kuzzle } = await startVictim("before commit");
  assert.ok(kuzzle !== undefined);
  await send(kuzzle, round);
  assert.ok(await diesWithin(kuzzle, DEATH_MS), "a batch was not abandoned");
  await kuzzle.stop();
}

/** Whether this one of `count` rounds is among `chosen` ones that are evenly spread. */
function isEvery(i: number, chosen: number, count: number): boolean {
  return (
    Math.floor(((i + 1) * chosen) / count) > Math.floor((i * chosen) / count)
  );
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

runProgram(() => main().finally(removeReports));
