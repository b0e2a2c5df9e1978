/** The guarantees of idempotency keys if nodes die or are paused. */
import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { RunningKuzzle } from "../../../scripts/stack/kuzzle";
import type { Answer } from "../KuzzleClient";
import { until } from "../until";
import { gateFile, send, start } from "./nodes";
import type { Round } from "./round";

/** Longer than a node without a heartbeat is considered alive. */
const ABANDONED_MS = 30_000;
const PAUSE_MS = 500;
const ABANDONED = "batch.idempotency.abandoned";
const LOST = "batch.idempotency.lost";

/** The same key fifty times at once on two nodes: the batch runs once. */
export async function assertRunsOnce(
  survivor: RunningKuzzle,
  round: Round,
): Promise<void> {
  const other = await start();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      send(i % 2 === 0 ? survivor : other, round),
    ),
  );
  const first = answers.filter((answer) => isDone(answer) && !isReplay(answer));
  const statuses = new Set(answers.map((answer) => answer?.status));
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

/** A node is paused with a key until others give it up, and then continues. */
export async function assertPausedWritesNothing(
  survivor: RunningKuzzle,
  round: Round,
): Promise<void> {
  const slow = await start({ gateFile });
  await round.prepare();
  writeFileSync(gateFile, "");
  const late = send(slow, round);
  await until("the request does not begin", async () =>
    existsSync(`${gateFile}.reached`),
  );
  process.kill(slow.pid, "SIGSTOP");
  const idOf = (answer: Answer | undefined): string | undefined =>
    answer?.error?.id;

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

/**
 * Sends every key again: that of a dead node is answered eventually, and nothing runs
 * again.
 *
 * @returns the keys for which that is not true
 */
export async function keysThatHang(
  survivor: RunningKuzzle,
  rounds: readonly Round[],
): Promise<string[]> {
  const failures: string[] = [];
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
  console.log(`${rounds.length} keys asked again, ${failures.length} wrong`);
  return failures;
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
