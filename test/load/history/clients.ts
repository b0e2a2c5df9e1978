/** Many clients that ask for everything, of the same few documents. */
import { randomInt, randomUUID } from "node:crypto";

import type { Answer, KuzzleClient } from "../KuzzleClient";
import type { Recorder } from "./Recorder";
import { ACTIONS, type Action } from "../../support/actions";
import { planRequest } from "./requests";

export interface Clients {
  /** a client has one of them */
  readonly kuzzles: readonly KuzzleClient[];
  readonly count: number;
  readonly place: { readonly index: string; readonly collection: string };
  readonly ids: readonly string[];
  /** an answer that takes longer is none */
  readonly patienceMs: number;
  /** time between an answer and the next request, at most */
  readonly pauseMs: number;
}

/** Runs until the signal, and until each has its last answer. */
export async function runClients(
  clients: Clients,
  recorder: Recorder,
  end: AbortSignal,
): Promise<void> {
  await Promise.all(
    Array.from({ length: clients.count }, async (_, number) => {
      const { kuzzles } = clients;
      const kuzzle = kuzzles[number % kuzzles.length] as KuzzleClient;
      while (!end.aborted) {
        await askOnce(kuzzle, clients, recorder);
        await new Promise((resolve) =>
          setTimeout(resolve, randomInt(clients.pauseMs + 1)),
        );
      }
    }),
  );
}

async function askOnce(
  kuzzle: KuzzleClient,
  { place, ids, patienceMs }: Clients,
  recorder: Recorder,
): Promise<void> {
  const action = ACTIONS[randomInt(ACTIONS.length)] as Action;
  const planned = planRequest(action, ids, randomUUID());
  const from = Date.now();
  let answer: Answer | undefined;
  try {
    answer = await kuzzle.query(
      { controller: "batch", ...place, ...planned.request },
      patienceMs,
    );
  } catch {
    answer = undefined;
  }
  recorder.record(planned, answer, from, Date.now());
}
