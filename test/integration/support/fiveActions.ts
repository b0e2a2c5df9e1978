/** Each action on documents, as one request for four documents. */
import assert from "node:assert/strict";

import { isMatch } from "lodash";

import type { Answer } from "../../../features/support/transports";
import type { Action } from "../../support/actions";
import type { KuzzleAsAdmin } from "./KuzzleAsAdmin";
import { ask, collectionPath } from "./engine";

/** The first three exist, the last one does not. */
export const IDS = ["a", "b", "c", "d"] as const;

export interface Place {
  readonly index: string;
  readonly collection: string;
}

export interface ErrorEntry {
  readonly position: number;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly retryable: boolean;
}

type Sources = ReadonlyMap<string, object>;

/** Large enough to trip a circuit breaker. */
const PADDING = "x".repeat(500);
const BEFORE = { n: 0, padding: PADDING };

/** One has a field that is not mapped yet. */
function after(_id: string): object {
  return { n: 1, padding: PADDING, ...(_id === "b" && { late: true }) };
}

export async function storeDocuments(place: Place): Promise<void> {
  const lines = IDS.slice(0, 3).map(
    (_id) => `{"index":{"_id":"${_id}"}}\n${JSON.stringify(BEFORE)}\n`,
  );
  const { errors } = await ask("POST", pathIn(place, "_bulk"), lines.join(""));
  assert.equal(errors, false);
}

export function send(
  kuzzle: KuzzleAsAdmin,
  action: Action,
  place: Place,
  args: object = {},
): Promise<Answer> {
  return kuzzle.query({
    controller: "batch",
    ...place,
    ...requestOf(action),
    ...args,
  });
}

export function requestOf(action: Action): Record<string, unknown> {
  const written = IDS.map((_id) => ({ _id, body: after(_id) }));
  switch (action) {
    case "batchGet":
      return { action, body: { ids: [...IDS, PADDING] } };
    case "mUpdate":
      return { action, body: { documents: written.slice(0, 3) } };
    case "batchWrite":
      return {
        action,
        body: {
          operations: [
            { update: { _id: "a", body: after("a") } },
            { write: { _id: "b", body: after("b") } },
            { delete: { _id: "c" } },
            { write: { _id: "d", body: after("d") } },
          ],
        },
      };
    case "mWrite":
      return { action, body: { documents: written } };
    case "atomic":
      return {
        action: "mWrite",
        atomic: true,
        body: { documents: written },
      };
  }
}

/** The sources in the engine, read in real time. */
export async function readSources(place: Place): Promise<Sources> {
  const { docs } = await ask("POST", pathIn(place, "_mget"), { ids: IDS });
  return new Map(
    (docs as Array<{ _id: string; found: boolean; _source: object }>)
      .filter(({ found }) => found)
      .map(({ _id, _source }) => [_id, _source]),
  );
}

/** Asserts that everything requested was done. */
export function assertDone(action: Action, answer: Answer, now: Sources): void {
  assert.equal(answer.error, null, JSON.stringify(answer.error));
  assert.deepEqual(errorsOf(answer), []);
  if (action === "batchGet") {
    assert.equal(
      (answer.result as { documents: object[] }).documents.length,
      3,
    );
  } else {
    assertAccountedFor(action, answer, now);
  }
}

/**
 * Asserts that each document is in one list and in the state that the list implies; a
 * request that is rejected as a whole has changed none.
 */
export function assertAccountedFor(
  action: Action,
  answer: Answer,
  now: Sources,
): void {
  const positions = action === "mUpdate" ? [0, 1, 2] : [0, 1, 2, 3];
  const { successes, results } = (answer.result ?? {}) as Record<
    "successes" | "results",
    ReadonlyArray<{ position: number }> | undefined
  >;
  const done = (successes ?? results ?? []).map(({ position }) => position);
  const errors = errorsOf(answer);
  const told = [...done, ...errors.map(({ position }) => position)];
  assert.deepEqual(
    answer.error !== null && told.length === 0 ? positions : told.sort(),
    positions,
    JSON.stringify(answer),
  );
  for (const position of positions) {
    const _id = IDS[position] as string;
    const isDeleted = action === "batchWrite" && position === 2;
    const code = errors.find((each) => each.position === position)?.code;
    if (done.includes(position)) {
      const wanted = isDeleted ? undefined : after(_id);
      assert.ok(holds(now.get(_id), wanted), `${_id} is lost`);
    } else if (code !== "unknown_outcome") {
      const before = _id === "d" ? undefined : BEFORE;
      assert.ok(holds(now.get(_id), before), `${_id} is ${code}, and written`);
    }
  }
}

export function errorsOf({ error, result }: Answer): ErrorEntry[] {
  return (error?.errors ??
    (result as { errors: unknown[] } | null)?.errors ??
    []) as ErrorEntry[];
}

/** Ignores what Kuzzle adds. */
function holds(
  source: object | undefined,
  wanted: object | undefined,
): boolean {
  return source === undefined || wanted === undefined
    ? source === wanted
    : isMatch(source, wanted);
}

function pathIn({ index, collection }: Place, rest: string): string {
  return collectionPath(index, collection, rest);
}
