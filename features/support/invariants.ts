/**
 * What holds for every answer of the plugin, whatever the scenario: each requested document is in
 * exactly one list (R1), lists follow the request (R3), errors are complete (R9), stats are
 * consistent integers (I1). Checked after each call, so that no scenario has to repeat it.
 */
import assert from "node:assert/strict";

import type { Answer, KuzzleRequest } from "./transports";

const CODES = [
  "invalid",
  "not_found",
  "forbidden",
  "version_conflict",
  "mapping",
  "rejected",
  "unavailable",
  "too_large",
  "unknown_outcome",
  "other",
];

type Entry = Record<string, unknown>;

interface GetResult {
  documents: Entry[];
  not_found: unknown[];
  errors: Entry[];
  unprocessed: unknown[];
  stats: Entry;
}

interface WriteResult {
  successes: Entry[];
  errors: Entry[];
  stats: Entry;
}

export function assertInvariants(request: KuzzleRequest, answer: Answer): void {
  if (answer.error !== null) {
    for (const entry of (answer.error.errors ?? []) as Entry[]) {
      assertErrorEntry(entry);
    }
  } else if (request.action === "batchGet") {
    assertGetInvariants(request, answer.result as GetResult);
  } else if (request.action === "mWrite" || request.action === "mUpdate") {
    assertWriteInvariants(request, answer.result as WriteResult);
  }
}

function assertGetInvariants(request: KuzzleRequest, result: GetResult): void {
  const body = request.body as { ids?: unknown[]; documents?: unknown[] };
  const asked = (body.ids ?? body.documents ?? []).map(keyOf);
  const keyAsAsked = (entry: unknown): string => {
    const key = keyOf(entry);

    return asked.includes(key) ? key : keyOf((entry as Entry)["_id"]);
  };
  const answered = {
    documents: result.documents.map(keyAsAsked),
    not_found: result.not_found.map(keyAsAsked),
    errors: positionsOf(result.errors).map((position) => asked[position]),
    unprocessed: result.unprocessed.map(keyAsAsked),
  };

  result.errors.forEach(assertErrorEntry);
  assertAscending(positionsOf(result.errors), "errors");
  for (const list of ["documents", "not_found", "unprocessed"] as const) {
    assertAscending(
      answered[list].map((key) => asked.indexOf(key)),
      list,
    );
  }
  for (const key of asked) {
    const lists = Object.entries(answered).filter(([, keys]) =>
      keys.includes(key),
    );

    assert.ok(lists.length > 0, `${key} was asked and is in no list`);
    assert.ok(
      lists.length === 1 ||
        lists.every(([list]) => list === "documents" || list === "errors"),
      `${key} is in ${lists.map(([list]) => list).join(" and ")}`,
    );
  }
  assertStats(result.stats, {
    requested: asked.length,
    found: result.documents.length,
    notFound: result.not_found.length,
    errors: result.errors.length,
  });
}

function assertWriteInvariants(
  request: KuzzleRequest,
  result: WriteResult,
): void {
  const { documents } = request.body as { documents: unknown[] };
  const positions = positionsOf([...result.successes, ...result.errors]);

  result.errors.forEach(assertErrorEntry);
  assert.deepEqual(
    [...positions].sort((one, other) => one - other),
    documents.map((_, position) => position),
    "Each position should be in exactly one list",
  );
  assertAscending(positions.slice(0, result.successes.length), "successes");
  assertAscending(positions.slice(result.successes.length), "errors");
  assertStats(result.stats, {
    requested: documents.length,
    errors: result.errors.length,
  });
  assertDone(
    result,
    result.stats[request.action === "mUpdate" ? "updated" : "written"],
  );
}

/** A document that an after pipe removed was written, but is reported as an error. */
function assertDone({ successes, errors }: WriteResult, done: unknown): void {
  const forbidden = errors.filter(({ code }) => code === "forbidden");

  assert.ok(
    typeof done === "number" &&
      done >= successes.length &&
      done <= successes.length + forbidden.length,
    `stats should count ${successes.length} documents as done, and count ${String(done)}`,
  );
}

export function assertErrorEntry(entry: Entry): void {
  const shown = JSON.stringify(entry);

  assert.ok(
    Number.isInteger(entry["position"]),
    `An error should have a position: ${shown}`,
  );
  assert.ok(
    Number.isInteger(entry["status"]),
    `An error should have a status: ${shown}`,
  );
  assert.ok(
    CODES.includes(entry["code"] as string),
    `An error should have a code of the catalogue: ${shown}`,
  );
  assert.ok(
    typeof entry["reason"] === "string" && entry["reason"] !== "",
    `An error should have a reason: ${shown}`,
  );
  assert.equal(
    typeof entry["retryable"],
    "boolean",
    `An error should be retryable or not: ${shown}`,
  );
}

function assertStats(stats: Entry, expected: Record<string, number>): void {
  for (const [name, value] of Object.entries(stats)) {
    assert.ok(
      name === "replayed" || Number.isInteger(value),
      `stats.${name} should be an integer, and it is ${String(value)}`,
    );
  }
  for (const name of ["engineCalls", "engineTookMs", "tookMs"]) {
    assert.ok(
      name in stats,
      `stats should have ${name}: ${JSON.stringify(stats)}`,
    );
  }
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(
      stats[name],
      value,
      `stats.${name} should be ${value}: ${JSON.stringify(stats)}`,
    );
  }
}

function positionsOf(entries: Entry[]): number[] {
  return entries.map(({ position }) => position as number);
}

function assertAscending(positions: number[], list: string): void {
  const sorted = [...positions].sort((one, other) => one - other);

  assert.deepEqual(positions, sorted, `${list} should follow the request`);
}

/**
 * An id or address as one comparable text: what was requested by id alone is compared by id alone.
 */
function keyOf(asked: unknown): string {
  if (typeof asked === "object" && asked !== null && "_id" in asked) {
    const { _id, collection } = asked as Entry;

    return collection === undefined
      ? JSON.stringify(_id)
      : JSON.stringify([collection, _id]);
  }

  return JSON.stringify(asked);
}
