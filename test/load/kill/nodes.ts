/** The Kuzzles of `test:kill`: those that die, and those that survive. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { type RunningKuzzle, startKuzzle } from "../../../scripts/stack/kuzzle";
import { givenEngines } from "../engines";
import { KuzzleClient, type Answer } from "../KuzzleClient";
import type { KillPlan, KillReport, Step } from "./plan";
import type { Round } from "./round";
import { COLLECTIONS, INDEX } from "./targets";

const APP = "test/load/kill/app.ts";
/** Longer than a paused node is waited for. */
const ANSWER_MS = 45_000;

const reports = mkdtempSync(path.join(os.tmpdir(), "batch-kill-"));
export const holdFile = path.join(reports, "hold");
export const gateFile = path.join(reports, "gate");
let client: KuzzleClient | undefined;
let started = 0;

export interface Victim {
  /** undefined: no node is left to kill */
  readonly kuzzle: RunningKuzzle | undefined;
  readonly plan: KillPlan | undefined;
}

export async function startVictim(step: Step | undefined): Promise<Victim> {
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

/** Random moments, as far as a step leaves room for them. */
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

export function start(
  config: Record<string, unknown> = {},
): Promise<RunningKuzzle> {
  const number = started++;
  return startKuzzle({
    engines: givenEngines(),
    app: APP,
    name: `kill-${number}`,
    log: () => undefined,
    config: {
      // engines that have just started are slow
      plugins: { common: { initTimeout: 60_000 } },
      ...config,
      holdFile,
    },
  });
}

/** The response, which usually does not arrive. */
export async function send(
  kuzzle: RunningKuzzle,
  round: Round,
): Promise<Answer | undefined> {
  assert.ok(client !== undefined, "prepare() comes first");
  const { path: route, body, key } = round.request;
  try {
    return await client
      .at(kuzzle)
      .send(`${route}?atomic&idempotencyKey=${key}`, body, {
        patienceMs: ANSWER_MS,
      });
  } catch {
    return undefined;
  }
}

export function diesWithin(
  kuzzle: RunningKuzzle,
  ms: number,
): Promise<boolean> {
  return Promise.race([
    kuzzle.exited.then((why) => why === "SIGKILL"),
    sleep(ms, false, { ref: false }),
  ]);
}

export function reportOf({ reportFile }: KillPlan): KillReport | undefined {
  return existsSync(reportFile)
    ? (JSON.parse(readFileSync(reportFile, "utf8")) as KillReport)
    : undefined;
}

/**
 * @param settings of the collections
 * @returns the administrator's session at this node
 */
export async function prepare(
  kuzzle: RunningKuzzle,
  settings: object = {},
): Promise<KuzzleClient> {
  client = await KuzzleClient.logIn(kuzzle.url);
  for (const collection of COLLECTIONS) {
    await client.createCollection(INDEX, collection, {
      ...settings,
      mappings: { properties: { day: { type: "date" } } },
    });
  }
  return client;
}

export function removeReports(): void {
  rmSync(reports, { recursive: true, force: true });
}

function chance(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1));
}
