/**
 * Kills the node of an atomic batch (SIGKILL) again and again, in each step of
 * the protocol and in recovery, while somebody else writes some of the same
 * documents past it; another node recovers. `npm run test:kill` runs it on
 * engines of its own, `-- --short` kills once in each step.
 */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import { type RunningKuzzle, startKuzzle } from "../../scripts/stack/kuzzle";
import { releaseAll } from "../../scripts/stack/resources";
import { environment } from "../../features/support/environment";
import { pendingJournals } from "./kill/engine";
import { STEPS, type KillPlan, type KillReport, type Step } from "./kill/plan";
import { COLLECTION, INDEX, Round, type Verdict } from "./kill/round";

const APP = "test/load/kill/app.ts";
const USER = { username: "kill", password: "kill" };
/** A batch that was given a plan which it did not fulfil is no kill. */
const MAX_MISSES = 20;
const DEATH_MS = 20_000;
const RECOVERY_MS = 40_000;
/** Longer than a paused node is waited for. */
const ANSWER_MS = 45_000;
/** Longer than a node is taken for alive without a sign of it. */
const ABANDONED_MS = 30_000;

/** Long enough for a request to reach its gate. */
const PAUSE_MS = 500;
const ABANDONED = "batch.idempotency.abandoned";
const LOST = "batch.idempotency.lost";

interface Kill {
  readonly step: Step;
  /** nobody else wrote the batch's documents */
  readonly isAlone: boolean;
  readonly verdict: Verdict;
}

const reports = mkdtempSync(path.join(os.tmpdir(), "batch-kill-"));
const holdFile = path.join(reports, "hold");
const gateFile = path.join(reports, "gate");
const kills: Kill[] = [];
const failures: string[] = [];
const rounds: Round[] = [];
let jwt = "";
let started = 0;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      kills: { type: "string", default: "105" },
    },
  });
  const perStep = values.short
    ? 1
    : Math.ceil(Number(values.kills) / STEPS.length);
  const wanted = shuffled(
    STEPS.flatMap((step) => Array.from({ length: perStep }, () => step)),
  );

  const survivor = await start();
  await prepare(survivor);
  await assertRunsOnce(survivor);
  await assertPausedWritesNothing(survivor);

  let misses = 0;
  let next = startVictim(wanted[0]);
  for (let i = 0; i < wanted.length;) {
    const victim = await next;
    // the next one starts while this one's batch is recovered, unless it is to
    // die in a recovery: it would die in this one, before it is ready
    let isNextStarted = false;
    const isKilled = await killOne(victim, wanted[i] as Step, () => {
      if (wanted[i + 1] !== "recovery") {
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
  await assertNoKeyHangs(survivor);
  await query(survivor, {
    controller: "security",
    action: "deleteUser",
    _id: USER.username,
  });
  await survivor.stop();

  console.log(table());
  failures.forEach((failure) => console.log(`✗ ${failure}`));
  console.log(`${kills.length} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

interface Victim {
  /** undefined: there is nobody left to kill */
  readonly kuzzle: RunningKuzzle | undefined;
  readonly plan: KillPlan | undefined;
}

async function startVictim(step: Step | undefined): Promise<Victim> {
  if (step === undefined) {
    return { kuzzle: undefined, plan: undefined };
  }
  const plan: KillPlan = {
    step,
    ...momentOf(step),
    reportFile: path.join(reports, `${started}.json`),
  };
  return { kuzzle: await start({ killPlan: plan }), plan };
}

/** Random moments, as far as there is room for chance in a step. */
function momentOf(step: Step): { nth: number; delayMs: number } {
  switch (step) {
    case "reading":
      return { nth: chance(1, 4), delayMs: chance(0, 5) };
    case "journal":
      return { nth: chance(1, 2), delayMs: chance(0, 3) };
    case "bulk":
      return { nth: chance(1, 8), delayMs: chance(0, 10) };
    case "before commit":
    case "after commit":
      return { nth: 1, delayMs: 0 };
    case "rollback":
      return { nth: chance(1, 6), delayMs: chance(0, 5) };
    case "recovery":
      return { nth: chance(1, 8), delayMs: chance(0, 10) };
  }
}

function start(config: Record<string, unknown> = {}): Promise<RunningKuzzle> {
  const number = started++;
  return startKuzzle({
    engines: {
      elasticsearch: {
        url: environment.elasticsearchUrl,
        major: process.env.TEST_ELASTICSEARCH_MAJOR === "8" ? 8 : 7,
      },
      redis: parseRedisUrl(environment.redisUrl),
    },
    app: APP,
    name: `kill-${number}`,
    log: () => undefined,
    config: { ...config, holdFile },
  });
}

/** @returns whether the node died in the step that it was to die in */
async function killOne(
  { kuzzle, plan }: Victim,
  step: Step,
  onDeath: () => void,
): Promise<boolean> {
  assert.ok(kuzzle !== undefined && plan !== undefined);
  const round = new Round(rounds.length, step, rounds.length % 2 === 0);
  rounds.push(round);
  await round.prepare();

  if (step === "recovery") {
    await abandon(round);
  } else {
    await Promise.all([send(kuzzle, round), round.disturbEarly()]);
  }
  const hasDied = await diesWithin(kuzzle, DEATH_MS);
  round.diedAt = Date.now();
  const isKilled =
    hasDied && reportOf(plan)?.inRequest === (step !== "recovery");
  await kuzzle.stop();
  rmSync(holdFile, { force: true });
  if (isKilled) {
    onDeath();
  }
  await round.disturbLate();
  await untilNothingIsPending();
  try {
    const verdict = await round.judge();
    if (isKilled) {
      const { isAlone } = round;
      kills.push({ step, isAlone, verdict });
      console.log(
        `✓ ${kills.length}. killed in ${step}${isAlone ? ", alone" : ""}: ${verdict}`,
      );
    }
  } catch (error) {
    failures.push(`round ${round.number} (${step}): ${String(error)}`);
  }
  return isKilled;
}

/** Leaves a batch of a dead node to the victim, which dies of recovering it. */
async function abandon(round: Round): Promise<void> {
  writeFileSync(holdFile, "");
  const { kuzzle } = await startVictim("before commit");
  assert.ok(kuzzle !== undefined);
  await send(kuzzle, round);
  assert.ok(await diesWithin(kuzzle, DEATH_MS), "a batch was not abandoned");
  await kuzzle.stop();
}

/** The answer, which mostly does not come. */
async function send(kuzzle: RunningKuzzle, round: Round): Promise<unknown> {
  const { body, key } = round.request;
  try {
    const response = await fetch(urlOf(kuzzle, key), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${jwt}`,
      },
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return await response.json();
  } catch {
    return undefined;
  }
}

function urlOf({ url }: RunningKuzzle, key: string): string {
  return `${url}/_/batch/${INDEX}/${COLLECTION}/_mWrite?atomic&idempotencyKey=${key}`;
}

function diesWithin(kuzzle: RunningKuzzle, ms: number): Promise<boolean> {
  return Promise.race([
    kuzzle.exited.then((why) => why === "SIGKILL"),
    sleep(ms, false, { ref: false }),
  ]);
}

function reportOf({ reportFile }: KillPlan): KillReport | undefined {
  return existsSync(reportFile)
    ? (JSON.parse(readFileSync(reportFile, "utf8")) as KillReport)
    : undefined;
}

async function untilNothingIsPending(): Promise<void> {
  const deadline = Date.now() + RECOVERY_MS;
  while ((await pendingJournals()) > 0) {
    assert.ok(Date.now() < deadline, "a journal stays pending");
    await sleep(100);
  }
}

async function prepare(kuzzle: RunningKuzzle): Promise<void> {
  await query(kuzzle, {
    controller: "security",
    action: "createFirstAdmin",
    _id: USER.username,
    body: { content: {}, credentials: { local: USER } },
  });
  const { result } = await query(kuzzle, {
    controller: "auth",
    action: "login",
    strategy: "local",
    body: USER,
  });
  ({ jwt } = result as { jwt: string });
  await query(kuzzle, { controller: "index", action: "create", index: INDEX });
  await query(kuzzle, {
    controller: "collection",
    action: "create",
    index: INDEX,
    collection: COLLECTION,
    body: { mappings: { properties: { day: { type: "date" } } } },
  });
}

async function query(
  { url }: RunningKuzzle,
  request: object,
): Promise<{ result: unknown }> {
  const response = await fetch(`${url}/_query`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(jwt !== "" && { authorization: `Bearer ${jwt}` }),
    },
    body: JSON.stringify(request),
  });
  const answer = (await response.json()) as { error: unknown; result: unknown };
  assert.equal(answer.error, null, JSON.stringify(answer.error));
  return answer;
}

/** The same key fifty times at once on two nodes: the batch runs once. */
async function assertRunsOnce(survivor: RunningKuzzle): Promise<void> {
  const other = await start();
  const round = new Round(rounds.length, "bulk");
  rounds.push(round);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      send(i % 2 === 0 ? survivor : other, round),
    ),
  );
  const first = answers.filter((answer) => isDone(answer) && !isReplay(answer));
  const statuses = new Set(
    answers.map((answer) => (answer as { status: number }).status),
  );
  statuses.delete(200);
  statuses.delete(409);
  assert.equal(first.length, 1, "one of fifty has to run");
  assert.deepEqual([...statuses], []);

  const again = await send(other, round);
  assert.ok(isReplay(again), "another node repeats the answer");
  const { successes } = (again as Done).result;
  assert.ok(successes.every(({ _version }) => _version === 1));
  await other.stop();
  console.log("✓ the same key 50 times at once on two nodes ran once");
}

/** A node that stands still with a key until others have given it up, and goes on. */
async function assertPausedWritesNothing(
  survivor: RunningKuzzle,
): Promise<void> {
  const slow = await start({ gateFile });
  const round = new Round(rounds.length, "reading", true);
  rounds.push(round);
  await round.prepare();
  writeFileSync(gateFile, "");
  const late = send(slow, round);
  await sleep(PAUSE_MS);
  process.kill(slow.pid, "SIGSTOP");
  const idOf = (answer: unknown): string | undefined =>
    (answer as { error: { id: string } | null } | undefined)?.error?.id;

  const deadline = Date.now() + ABANDONED_MS;
  const told: Array<string | undefined> = [];
  while (told.at(-1) !== ABANDONED && Date.now() < deadline) {
    told.push(idOf(await send(survivor, round)));
    await sleep(PAUSE_MS);
  }
  assert.deepEqual(
    new Set(told),
    new Set(["batch.idempotency.in_progress", ABANDONED]),
  );
  rmSync(gateFile);
  process.kill(slow.pid, "SIGCONT");
  assert.equal(idOf(await late), LOST);
  assert.equal(idOf(await send(survivor, round)), LOST);
  await round.assertUntouched();
  await slow.stop();
  console.log("✓ a node that was paused past its key wrote nothing");
}

interface Done {
  readonly status: number;
  readonly result: {
    readonly successes: ReadonlyArray<{ readonly _version: number }>;
    readonly stats: { readonly replayed?: true };
  };
}

function isDone(answer: unknown): boolean {
  return (answer as Done | undefined)?.status === 200;
}

function isReplay(answer: unknown): boolean {
  return isDone(answer) && (answer as Done).result.stats.replayed === true;
}

/** Every key of a dead node is answered in the end, and nothing is run again. */
async function assertNoKeyHangs(survivor: RunningKuzzle): Promise<void> {
  const deadline = Date.now() + ABANDONED_MS;
  for (const round of rounds) {
    for (;;) {
      const answer = (await send(survivor, round)) as {
        status: number;
        error: {
          id: string;
          errors?: ReadonlyArray<{ code: string }>;
        } | null;
      };
      if (answer.status === 409 && Date.now() < deadline) {
        await sleep(500);
        continue;
      }
      const { id = "", errors = [] } = answer.error ?? {};
      const isAbandoned =
        id === ABANDONED &&
        errors.length > 0 &&
        errors.every(({ code }) => code === "unknown_outcome");
      const isKnown =
        isAbandoned || id === LOST || id.startsWith("batch.write.");
      if (!isKnown && !isReplay(answer)) {
        failures.push(
          `round ${round.number}: the key is answered ${answer.status} ${id}`,
        );
      }
      break;
    }
  }
  console.log(`✓ ${rounds.length} keys asked again, none is 409 for ever`);
}

function table(): string {
  const verdicts = [
    "nothing begun",
    "committed",
    "rolled_back",
    "rollback_incomplete",
  ] as const;
  const count = (step: Step, isAlone: boolean, verdict?: Verdict): string =>
    String(
      kills.filter(
        (kill) =>
          kill.step === step &&
          kill.isAlone === isAlone &&
          (verdict === undefined || kill.verdict === verdict),
      ).length,
    );
  const rows = STEPS.flatMap((step) =>
    [true, false].map((isAlone) => [
      step,
      isAlone ? "nobody" : "somebody",
      count(step, isAlone),
      ...verdicts.map((verdict) => count(step, isAlone, verdict)),
    ]),
  );
  return [["killed in", "else wrote", "kills", ...verdicts], ...rows]
    .map((cells) =>
      cells
        .map((cell) => cell.padEnd(20))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

function chance(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1));
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(async () => {
    rmSync(reports, { recursive: true, force: true });
    await releaseAll();
    process.exit();
  });
