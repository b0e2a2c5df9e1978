/** A period in which many clients work while something happens, and its outcome. */
import { setTimeout as sleep } from "node:timers/promises";

import type { KuzzleClient } from "../KuzzleClient";
import { checkHistory } from "./checkHistory";
import { runClients, type Clients } from "./clients";
import type { Violation } from "./events";
import { Recorder, type Counts } from "./Recorder";
import type { Action } from "../../support/actions";
import type { Body } from "./requests";

const IDLE_MS = 60_000;

export interface RoundResult {
  readonly counts: ReadonlyMap<Action, Counts>;
  readonly violations: readonly Violation[];
  /** calls or journals that are still pending when they should not be */
  readonly stuck: number;
}

/**
 * @param act causes the event, and resolves when it is over
 * @param engineUrl bypasses everything that may be disturbed
 */
export async function runRound(
  clients: Clients,
  engineUrl: string,
  act: (recorder: Recorder) => Promise<void>,
): Promise<RoundResult> {
  const recorder = new Recorder();
  const end = new AbortController();
  const running = runClients(clients, recorder, end.signal);
  await act(recorder);
  end.abort();
  await running;
  const stuck = await untilIdle(clients.kuzzles);
  await readAll(clients, engineUrl, recorder);
  return {
    counts: recorder.counts,
    violations: checkHistory(recorder),
    stuck,
  };
}

/** @returns how much is still pending after a minute, or 0 as soon as nothing is */
export async function untilIdle(
  kuzzles: readonly KuzzleClient[],
): Promise<number> {
  const deadline = Date.now() + IDLE_MS;
  for (;;) {
    let pending = 0;
    for (const kuzzle of kuzzles) {
      pending += await kuzzle.metric("kuzzle_batch_inflight");
      pending += await kuzzle.metric("kuzzle_batch_journals_pending");
    }
    if (pending === 0 || Date.now() > deadline) return pending;
    await sleep(200);
  }
}

async function readAll(
  { place, ids }: Clients,
  engineUrl: string,
  recorder: Recorder,
): Promise<void> {
  const alias = encodeURIComponent(`@&${place.index}.${place.collection}`);
  const response = await fetch(`${engineUrl}/${alias}/_mget`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ids }),
  });
  const { docs } = (await response.json()) as {
    docs: Array<{
      _id: string;
      found: boolean;
      _source: Body;
      _version: number;
    }>;
  };
  for (const doc of docs) {
    recorder.recordEnd(doc._id, doc.found ? doc : undefined);
  }
}
