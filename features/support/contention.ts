/**
 * Many clients that update the same documents at once, and the checks of the outcome.
 *
 * Each client has its own field and writes ascending numbers into it. For each update, the answer
 * has the resulting version and the whole document, so that the history of every document can be
 * reconstructed: each version was made by exactly one acknowledged update, which changed its
 * client's field and nothing else.
 */
import assert from "node:assert/strict";

import { shuffle } from "lodash";

import { alias, splitAddress, tellEngine } from "./engine";
import type { Answer, Transport } from "./transports";

export interface Contest {
  readonly address: string;
  readonly clients: readonly Transport[];
  readonly jwt?: string;
  /** batches per client; more, as long as there was no conflict */
  readonly batches: number;
  readonly documents: number;
  readonly retryOnConflict: number;
}

export interface ContestReport {
  readonly contest: Contest;
  readonly updates: number;
  readonly acknowledged: Acknowledged[];
  readonly errors: ContestError[];
  readonly conflicts: number;
  readonly retries: number;
  /** what the engine counted during the contest */
  readonly engine: EngineCounts;
  readonly seconds: number;
}

interface Acknowledged {
  readonly client: number;
  readonly id: string;
  readonly number: number;
  readonly version: number;
  readonly attempts: number;
  /** the number of each client in the document, right after the update */
  readonly numbers: Int32Array;
}

interface ContestError {
  readonly id: string;
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;
}

interface EngineCounts {
  readonly indexed: number;
  readonly failed: number;
  readonly noops: number;
}

interface UpdateResult {
  readonly successes: {
    _id: string;
    _version: number;
    attempts: number;
    position: number;
    _source: Record<string, number>;
  }[];
  readonly errors: (Omit<ContestError, "id"> & { document: { _id: string } })[];
  readonly stats: { conflicts: number; retries: number };
}

/** One document in ten occurs twice in a batch. */
const REPEATED = 10;

/** If batches have not collided by then, they never will: the engine has a single thread. */
const PATIENCE = 20;

export async function contend(contest: Contest): Promise<ContestReport> {
  await createDocuments(contest);
  const before = await engineCounts(contest.address);
  const startedAt = performance.now();
  const met = { conflicts: 0 };
  const played = await Promise.all(
    contest.clients.map((_, client) => play(contest, client, met)),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await engineCounts(contest.address);
  const results = played.flat();

  return {
    contest,
    updates: sum(results.map(({ sent }) => sent)),
    acknowledged: results.flatMap(({ acknowledged }) => acknowledged),
    errors: results.flatMap(({ errors }) => errors),
    conflicts: sum(results.map(({ stats }) => stats.conflicts)),
    retries: sum(results.map(({ stats }) => stats.retries)),
    engine: {
      indexed: after.indexed - before.indexed,
      failed: after.failed - before.failed,
      noops: after.noops - before.noops,
    },
    seconds,
  };
}

/** The versions of each document are the acknowledged updates: none lost, none twice, in order. */
export async function assertNothingLost(report: ContestReport): Promise<void> {
  const { contest, acknowledged } = report;
  const histories = new Map<string, Acknowledged[]>();

  for (const update of acknowledged) {
    const history = histories.get(update.id) ?? [];

    history.push(update);
    histories.set(update.id, history);
  }
  for (const [id, history] of histories) {
    history.sort((one, other) => one.version - other.version);
    const numbers = new Int32Array(contest.clients.length);

    history.forEach((update, position) => {
      const { client, number, version } = update;
      const place = `${id}, version ${version} by client ${client}`;

      assert.equal(version, position + 2, `${place}: a version is missing`);
      assert.ok(
        number > (numbers[client] as number),
        `${place}: ${number} was applied after ${numbers[client]}`,
      );
      numbers[client] = number;
      assert.deepEqual(
        update.numbers,
        numbers,
        `${place}: an update of another client was undone`,
      );
    });
    await assertStored(contest, id, history.length + 1, numbers);
  }
}

/** The engine's final state is what was acknowledged. */
async function assertStored(
  { address }: Contest,
  id: string,
  version: number,
  numbers: Int32Array,
): Promise<void> {
  const stored = await tellEngine("GET", `/${alias(address)}/_doc/${id}`);
  const source = stored["_source"] as Record<string, number>;

  assert.equal(stored["_version"], version, `${id} has another version`);
  assert.deepEqual(numbersIn(source, numbers.length), numbers, id);
}

/** Each attempt of each update is either a success or a conflict, and the engine counted both. */
export function assertCountsAddUp(report: ContestReport): void {
  const { acknowledged, errors, conflicts, retries, engine, contest } = report;
  const attempts = sum(acknowledged.map((update) => update.attempts));
  const attemptsInVain = errors.length * (contest.retryOnConflict + 1);

  assert.ok(conflicts > 0, "There was no contention at all");
  assert.equal(acknowledged.length + errors.length, report.updates);
  assert.equal(engine.indexed, acknowledged.length, "the engine's successes");
  assert.equal(engine.noops, 0, "updates that the engine left out");
  assert.equal(engine.failed, conflicts, "the engine's conflicts");
  assert.equal(
    attempts + attemptsInVain,
    engine.indexed + engine.failed,
    "attempts",
  );
  assert.equal(
    retries,
    attempts - acknowledged.length + errors.length * contest.retryOnConflict,
    "retries",
  );
}

/** An update that ran out of retries was not applied, and the caller may send it again. */
export function assertConflictsOnly({ errors }: ContestReport): void {
  for (const { status, code, retryable } of errors) {
    assert.deepEqual(
      { status, code, retryable },
      { status: 409, code: "version_conflict", retryable: true },
    );
  }
}

async function createDocuments(contest: Contest): Promise<void> {
  const [client] = contest.clients;
  const { error, result } = await send(contest, client as Transport, "mWrite", {
    documents: idsOf(contest).map((_id) => ({ _id, body: {} })),
  });

  assert.equal(error, null, JSON.stringify(error));
  assert.equal(
    (result as { successes: unknown[] }).successes.length,
    contest.documents,
  );
}

interface Played {
  readonly sent: number;
  readonly acknowledged: Acknowledged[];
  readonly errors: ContestError[];
  readonly stats: UpdateResult["stats"];
}

/** One client, which sends one batch after the other, each with all documents. */
async function play(
  contest: Contest,
  client: number,
  met: { conflicts: number },
): Promise<Played[]> {
  const transport = contest.clients[client] as Transport;
  const all = idsOf(contest);
  const played: Played[] = [];
  const isOver = (): boolean =>
    met.conflicts > 0
      ? played.length >= contest.batches
      : played.length >= contest.batches * PATIENCE;
  let number = 0;

  while (!isOver()) {
    // in a new order each time, because synchronized batches never collide
    const ids = shuffle(all);
    const repeated = ids.filter((_, position) => position % REPEATED === 0);
    const asked = [...ids, ...repeated].map((_id) => ({
      _id,
      body: { [field(client)]: ++number },
    }));
    const { error, result } = await send(contest, transport, "mUpdate", {
      documents: asked,
    });

    assert.equal(error, null, JSON.stringify(error));
    const { successes, errors, stats } = result as UpdateResult;

    met.conflicts += stats.conflicts;
    played.push({
      sent: asked.length,
      stats,
      acknowledged: successes.map((success) => ({
        client,
        id: success._id,
        number: asked[success.position]?.body[field(client)] as number,
        version: success._version,
        attempts: success.attempts,
        numbers: numbersIn(success._source, contest.clients.length),
      })),
      errors: errors.map(({ document, status, code, retryable }) => ({
        id: document._id,
        status,
        code,
        retryable,
      })),
    });
  }

  return played;
}

function send(
  { address, retryOnConflict, jwt }: Contest,
  transport: Transport,
  action: "mWrite" | "mUpdate",
  body: unknown,
): Promise<Answer> {
  const [index, collection] = splitAddress(address);

  return transport.send({
    controller: "batch",
    action,
    index,
    collection,
    body,
    ...(action === "mUpdate" && { retryOnConflict, source: true }),
    ...(jwt !== undefined && { jwt }),
  });
}

function idsOf({ documents }: Contest): string[] {
  return Array.from({ length: documents }, (_, position) => `d${position + 1}`);
}

function field(client: number): string {
  return `client${client}`;
}

function numbersIn(
  source: Record<string, number>,
  clients: number,
): Int32Array {
  return Int32Array.from(
    { length: clients },
    (_, client) => source[field(client)] ?? 0,
  );
}

async function engineCounts(address: string): Promise<EngineCounts> {
  const stats = await tellEngine("GET", `/${alias(address)}/_stats/indexing`);
  const { indexing } = (
    stats["_all"] as { primaries: { indexing: Record<string, number> } }
  ).primaries;

  return {
    indexed: indexing["index_total"] ?? NaN,
    failed: indexing["index_failed"] ?? NaN,
    noops: indexing["noop_update_total"] ?? NaN,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
