/** The client library, while the node to which it is connected dies. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { Http, Kuzzle, WebSocket } from "kuzzle-sdk";

import {
  type BatchDocumentsController,
  BatchError,
  useBatch,
} from "../../../client/index";
import { tellEngine } from "../../../features/support/engine";

export const INDEX = "cluster-clients";
const CALLERS = 4;
const DOCUMENTS = 100;
/** How long to work before and after the event. */
const BEFORE_MS = 1_000;
const AFTER_MS = 3_000;

export const PROTOCOLS = { HTTP: Http, WebSocket } as const;

export interface Session {
  readonly protocol: keyof typeof PROTOCOLS;
  readonly port: number;
  readonly token: string;
  readonly collection: string;
  /** default: the client's own */
  readonly retryForMs?: number;
}

type Outcome = "written" | "not written" | "unknown";

/** What is known at the end. */
export interface Told {
  readonly calls: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly longestMs: number;
  /** the last call has written its documents */
  readonly goesOn: boolean;
}

/**
 * Writes new documents, call after call, while `act` runs; then compares what the calls
 * reported about each document with what is stored.
 *
 * @throws if one is lost, was written twice, or was written although the client says it was
 *   not
 */
export async function writeWhile(
  session: Session,
  act: () => Promise<void>,
): Promise<Told> {
  const { protocol, port, token } = session;
  const kuzzle = new Kuzzle(
    new PROTOCOLS[protocol]("127.0.0.1", {
      port,
      ...(protocol === "WebSocket" && { reconnectionDelay: 100 }),
    }),
  );
  await kuzzle.connect();
  kuzzle.jwt = token;
  const work = new Work(useBatch(kuzzle), session);
  const end = new AbortController();
  const working = Array.from({ length: CALLERS }, () => work.goOn(end.signal));
  await sleep(BEFORE_MS);
  await act();
  await sleep(AFTER_MS);
  end.abort();
  await Promise.all(working);
  await work.callOnce();
  kuzzle.disconnect();
  return work.judge();
}

class Work {
  private calls = 0;
  private longestMs = 0;
  private last: Outcome[] = [];
  private readonly outcomes = new Map<string, Outcome>();

  constructor(
    private readonly batch: BatchDocumentsController,
    private readonly session: Session,
  ) {}

  async goOn(end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      await this.callOnce();
    }
  }

  async callOnce(): Promise<void> {
    const startedAt = Date.now();
    const call = this.calls++;
    const ids = Array.from({ length: DOCUMENTS }, (_, i) => `${call}-${i}`);
    const outcomes = await this.write(ids);
    ids.forEach((_id, i) => this.outcomes.set(_id, outcomes[i] as Outcome));
    this.last = outcomes;
    this.longestMs = Math.max(this.longestMs, Date.now() - startedAt);
  }

  /** @returns by position */
  private async write(ids: readonly string[]): Promise<Outcome[]> {
    const { collection, retryForMs } = this.session;
    const documents = ids.map((_id) => ({
      _id,
      body: { is: _id, filler: "x".repeat(500) },
    }));
    const outcomes = new Array<Outcome>(ids.length).fill("written");
    let errors: ReadonlyArray<{ position: number; code: string }>;
    try {
      ({ errors } = await this.batch.mWrite(
        INDEX,
        collection,
        documents,
        retryForMs === undefined ? {} : { retryForMs },
      ));
    } catch (error) {
      if (!(error instanceof BatchError)) throw error;
      errors = error.errors;
      error.unprocessed.forEach((i) => (outcomes[i] = "not written"));
    }
    for (const { position, code } of errors) {
      outcomes[position] =
        code === "unknown_outcome" ? "unknown" : "not written";
    }
    return outcomes;
  }

  async judge(): Promise<Told> {
    const versions = await this.storedVersions();
    const counts = { written: 0, "not written": 0, unknown: 0 };
    for (const [_id, outcome] of this.outcomes) {
      counts[outcome] += 1;
      const version = versions.get(_id);
      const isTrue =
        outcome === "unknown" ||
        (outcome === "written") === (version !== undefined);
      assert.ok(isTrue, `${_id} is told to be ${outcome}: ${version}`);
      assert.ok((version ?? 1) === 1, `${_id} was written ${version} times`);
    }
    return {
      calls: this.calls,
      counts,
      longestMs: this.longestMs,
      goesOn: this.last.every((outcome) => outcome === "written"),
    };
  }

  private async storedVersions(): Promise<Map<string, number>> {
    const alias = encodeURIComponent(`@&${INDEX}.${this.session.collection}`);
    const { docs } = await tellEngine("POST", `/${alias}/_mget?_source=false`, {
      ids: [...this.outcomes.keys()],
    });
    return new Map(
      (
        docs as Array<{ _id: string; found: boolean; _version: number }>
      ).flatMap(({ _id, found, _version }) => (found ? [[_id, _version]] : [])),
    );
  }
}
