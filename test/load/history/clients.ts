/** Many clients that send all kinds of requests about the same few documents. */
import { randomInt, randomUUID } from "node:crypto";

import type { Answer, KuzzleClient } from "../KuzzleClient";
import type { NoAnswer, Recorder } from "./Recorder";
import { ACTIONS, type Action } from "../../support/actions";
import { planRequest } from "./requests";

export interface Clients {
  /** nodes of one cluster: a client stays with one of them until it dies */
  readonly kuzzles: readonly KuzzleClient[];
  readonly count: number;
  readonly place: { readonly index: string; readonly collection: string };
  readonly ids: readonly string[];
  /** how long to wait for a response */
  readonly patienceMs: number;
  /** maximum time between a response and the next request */
  readonly pauseMs: number;
}

/** Runs until the signal, and until each client has its last response. */
export async function runClients(
  clients: Clients,
  recorder: Recorder,
  end: AbortSignal,
): Promise<void> {
  await Promise.all(
    Array.from({ length: clients.count }, async (_, number) => {
      const { kuzzles } = clients;
      for (let node = number; !end.aborted;) {
        const kuzzle = kuzzles[node % kuzzles.length] as KuzzleClient;
        const isAnswered = await askOnce(kuzzle, clients, recorder);
        node += isAnswered ? 0 : 1;
        await new Promise((resolve) =>
          setTimeout(resolve, randomInt(clients.pauseMs + 1)),
        );
      }
    }),
  );
}

/** @returns whether there was a response */
async function askOnce(
  kuzzle: KuzzleClient,
  { place, ids, patienceMs }: Clients,
  recorder: Recorder,
): Promise<boolean> {
  const action = ACTIONS[randomInt(ACTIONS.length)] as Action;
  const planned = planRequest(action, ids, randomUUID());
  const from = Date.now();
  let answer: Answer | NoAnswer;
  try {
    answer = await kuzzle.query(
      { controller: "batch", ...place, ...planned.request },
      patienceMs,
    );
  } catch (error) {
    answer = (error as Error).name === "TimeoutError" ? "hung" : "cut";
  }
  recorder.record(planned, answer, from, Date.now());
  return typeof answer !== "string";
}
