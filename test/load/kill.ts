/**
 * Kills the node of an atomic batch (SIGKILL) again and again, in each step of
 * the protocol and in recovery, while somebody else writes some of the same
 * documents past it; another node recovers. Every second batch is one of batchWrite:
 * all its operations, over three collections. `npm run test:kill` runs it on
 * engines of its own, `-- --short` kills once in each step, `-- --mixed` batches of
 * batchWrite only.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

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
import { tableOf, type Kill } from "./kill/table";
import type { Action } from "./kill/targets";
import { runProgram } from "./runProgram";

/** A batch that was given a plan which it did not fulfil is no kill. */
const MAX_MISSES = 20;
const DEATH_MS = 20_000;

const kills: Kill[] = [];
const failures: string[] = [];
const rounds: Round[] = [];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      kills: { type: "string", default: "105" },
      mixed: { type: "boolean", default: false },
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
  await assertRunsOnce(survivor, newRound("bulk", "mWrite"));
  await assertPausedWritesNothing(
    survivor,
    newRound("reading", "mWrite", true),
  );

  let misses = 0;
  let next = startVictim(wanted[0]);
  for (let i = 0; i < wanted.length;) {
    const victim = await next;
    // the next one starts while this one's batch is recovered, unless it is to
    // die in a recovery: it would die in this one, before it is ready
    let isNextStarted = false;
    const isMixed = values.mixed || rounds.length % 2 === 0;
    const action = isMixed ? "batchWrite" : "mWrite";
    const isKilled = await killOne(victim, wanted[i] as Step, action, () => {
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
  failures.push(...(await keysThatHang(survivor, rounds)));
  await survivor.stop();

  console.log(tableOf(kills));
  failures.forEach((failure) => console.log(`✗ ${failure}`));
  console.log(`${kills.length} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

function newRound(step: Step, action: Action, isAlone = false): Round {
  const round = new Round(rounds.length, step, action, isAlone);
  rounds.push(round);
  return round;
}

/** @returns whether the node died in the step that it was to die in */
async function killOne(
  { kuzzle, plan }: Victim,
  step: Step,
  action: Action,
  onDeath: () => void,
): Promise<boolean> {
  assert.ok(kuzzle !== undefined && plan !== undefined);
  const round = newRound(step, action, rounds.length % 4 < 2);
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
      const { action, isAlone } = round;
      kills.push({ step, action, isAlone, verdict });
      console.log(
        `✓ ${kills.length}. ${action} killed in ${step}${isAlone ? ", alone" : ""}: ${verdict}`,
      );
    }
  } catch (error) {
    failures.push(
      `round ${round.number} (${round.action}, ${step}): ${String(error)}`,
    );
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

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

runProgram(() => main().finally(removeReports));
