/** Atomic batches whose node dies or is paused while the rest of the cluster lives. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { untilNothingIsPending } from "../kill/engine";
import type { KillPlan, Step } from "../kill/plan";
import { Round, type Verdict } from "../kill/round";
import type { Answer } from "../KuzzleClient";
import { until } from "../until";
import type { Cluster, Node } from "./nodes";

const reports = mkdtempSync(path.join(os.tmpdir(), "batch-cluster-"));
/** For steps that are passed several times: in the middle, and once there is a journal. */
const NTH: Partial<Record<Step, number>> = { bulk: 3, journal: 2 };
/** Document ids contain the number, and must differ from those of test:kill. */
let rounds = 10_000;

export function removeReports(): void {
  rmSync(reports, { recursive: true, force: true });
}

/** Kills its node in this step. @returns what another node made of the batch */
export async function recoverAtOther(
  cluster: Cluster,
  step: Step,
): Promise<Verdict> {
  const { node, round, answer } = await begin(cluster, step, "SIGKILL");
  assert.equal(await node.kuzzle.exited, "SIGKILL");
  await node.kuzzle.stop();
  assert.equal(await answer, undefined);
  await untilNothingIsPending();
  return round.judge();
}

/**
 * Pauses its node in this step until another one has recovered the batch, then continues
 * it.
 *
 * @returns its final response; undefined if Kuzzle stops because the others consider it
 *   dead
 */
export async function pauseInBatch(
  cluster: Cluster,
  step: Step,
): Promise<Answer | undefined> {
  const { node, round, answer, plan } = await begin(cluster, step, "SIGSTOP");
  await until("it does not pause", async () => existsSync(plan.reportFile));
  node.pause();
  await untilNothingIsPending();
  assert.equal(await round.judge(), "rolled_back");

  node.continue();
  const told = await answer;
  await untilNothingIsPending();
  assert.equal(await round.judge(), "rolled_back", "after it has gone on");
  await node.kuzzle.stop();
  return told;
}

async function begin(
  cluster: Cluster,
  step: Step,
  signal: "SIGKILL" | "SIGSTOP",
): Promise<{
  readonly node: Node;
  readonly round: Round;
  readonly answer: Promise<Answer | undefined>;
  readonly plan: KillPlan;
}> {
  const number = rounds++;
  const plan: KillPlan = {
    ...{ step, signal, delayMs: 0 },
    nth: NTH[step] ?? 1,
    reportFile: path.join(reports, `${number}.json`),
  };
  const node = await cluster.start({ killPlan: plan });
  const round = new Round(number, step, "batchWrite", { isAlone: true });
  await round.prepare();
  const { path: route, body } = round.request;
  const answer = node.client
    .send(`${route}?atomic`, body)
    .catch(() => undefined);
  return { node, round, answer, plan };
}
