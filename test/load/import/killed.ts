/** An import that is killed again and again, and its final result. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { environment } from "../../../features/support/environment";
import { ask, collectionPath } from "../../integration/support/engine";
import { ADMIN, run, start } from "./command";
import { Gate } from "./Gate";

export const MAPPINGS = {
  dynamic: "false",
  properties: {
    name: { type: "keyword" },
    country: { type: "keyword" },
    location: { type: "geo_point" },
  },
};

export interface Plan {
  readonly folder: string;
  readonly index: string;
  readonly collection: string;
  readonly kills: number;
  readonly isLoggedIn: boolean;
  readonly maxRequestBytes: number;
}

export interface KillReport {
  readonly rows: number;
  readonly kills: number;
  /** rows in the checkpoint after each kill */
  readonly at: readonly number[];
  readonly documents: number;
  readonly rejected: number;
  /** documents whose version is not the first */
  readonly writtenAgain: number;
}

interface Input {
  readonly file: string;
  readonly rows: number;
  /** the expected documents, by `key`, which is in each document */
  readonly expected: ReadonlyMap<number, { _id?: string; name: string }>;
  /** the expected content of the rejects file */
  readonly rejects: ReadonlyArray<readonly [line: number, code: string]>;
}

interface Named {
  readonly name: string;
}

/** Maximum time from the last byte of its requests to a kill. */
const MORE_MS = 200;

/** Enough to log in, and for a request that does not arrive as a whole. */
const FEWEST_BYTES = 10_000;

/** Every 97th row is invalid, in each way in turn; as many have no id. */
const DEFECT_EVERY = 97;
const NO_ID_EVERY = 10;

export function writeInput(file: string, names: readonly Named[]): Input {
  const lines: string[] = [];
  const expected = new Map<number, { _id?: string; name: string }>();
  const rejects: Array<[number, string]> = [];
  names.forEach(({ name }, key) => {
    const line = lines.length + 1;
    if (key % DEFECT_EVERY === DEFECT_EVERY - 1) {
      const [code, text] = defect(key);
      rejects.push([line, code]);
      lines.push(text);
      return;
    }
    const _id = key % NO_ID_EVERY === 3 ? undefined : `place-${key}`;
    expected.set(key, { ...(_id && { _id }), name });
    lines.push(JSON.stringify({ _id, body: { key, name } }));
  });
  writeFileSync(file, `${lines.join("\n")}\n`);
  return { file, rows: lines.length, expected, rejects };
}

function defect(key: number): [string, string] {
  switch (Math.floor(key / DEFECT_EVERY) % 4) {
    case 0:
      return ["invalid", `{"_id":"broken-${key}","body":{`];
    case 1:
      return ["duplicate", '{"_id":"place-0","body":{"name":"not again"}}'];
    case 2:
      return [
        "mapping",
        `{"_id":"nowhere-${key}","body":{"location":"nowhere"}}`,
      ];
    default:
      // rejected by the server, and without an id of its own
      return ["mapping", '{"body":{"location":"nowhere"}}'];
  }
}

/** Kills as often as planned, resumes to the end, and checks the result. */
export async function importKilled(
  plan: Plan,
  names: readonly Named[],
): Promise<KillReport> {
  const { folder, index, collection } = plan;
  const input = writeInput(path.join(folder, "input.ndjson"), names);
  const checkpoint = path.join(folder, `${collection}.checkpoint`);
  const rejects = path.join(folder, `${collection}.rejects.ndjson`);
  const args = [
    ...["import", index, collection, input.file],
    ...["--checkpoint", checkpoint, "--rejects", rejects],
    ...["--max-request-bytes", String(plan.maxRequestBytes)],
  ];
  const env = plan.isLoggedIn ? ADMIN : {};
  const bytesPerRow = statSync(input.file).size / input.rows;
  const gate = await Gate.start(environment.kuzzleHost, environment.kuzzlePort);
  const throughGate = {
    ...env,
    KUZZLE_HOST: "127.0.0.1",
    KUZZLE_PORT: String(gate.port),
  };
  const at: number[] = [];
  for (const moment of moments(plan.kills, input.rows)) {
    const bytes = (moment - rowsIn(checkpoint)) * bytesPerRow;
    const shut = gate.open(Math.max(FEWEST_BYTES, Math.floor(bytes)));
    const { child, ended } = start(args, throughGate);
    await Promise.race([shut, ended]);
    await sleep(Math.random() * MORE_MS);
    child.kill("SIGKILL");
    const { code, signal, stderr } = await ended;
    assert.equal(signal, "SIGKILL", `it ended before: ${code}\n${stderr}`);
    at.push(rowsIn(checkpoint));
  }
  await gate.stop();
  const { code, stderr } = await run(args, env);
  assert.equal(code, 1, `some rows are rejected: ${stderr}`);

  assertRejects(rejects, input);
  const writtenAgain = await assertDocuments(index, collection, input);
  return {
    ...{ rows: input.rows, kills: at.length, at, writtenAgain },
    documents: input.expected.size,
    rejected: input.rejects.length,
  };
}

/** How many rows may have been sent before each kill, spread over most of the input. */
function moments(kills: number, rows: number): number[] {
  return Array.from({ length: kills }, () =>
    Math.floor(Math.random() * 0.9 * rows),
  ).sort((one, other) => one - other);
}

function rowsIn(checkpoint: string): number {
  if (!existsSync(checkpoint)) return 0;
  return JSON.parse(readFileSync(checkpoint, "utf8")).position.rows as number;
}

function assertRejects(file: string, { rejects }: Input): void {
  const lines = readFileSync(file, "utf8").split("\n").slice(1, -1);
  const found = lines.map((line) => {
    const { reject } = JSON.parse(line);
    return [reject.line, reject.code];
  });
  assert.deepEqual(found, rejects);
}

/** Every document exists once, as in the input. */
async function assertDocuments(
  index: string,
  collection: string,
  { expected }: Input,
): Promise<number> {
  await ask("POST", collectionPath(index, collection, "_refresh"));
  const seen = new Set<number>();
  let writtenAgain = 0;
  for await (const { _id, _version, _source } of all(index, collection)) {
    const { key, name } = _source;
    const wanted = expected.get(key);
    assert.ok(wanted, `nobody has sent ${_id}`);
    assert.ok(!seen.has(key), `twice: row ${key}, the second time as ${_id}`);
    seen.add(key);
    assert.equal(name, wanted.name);
    if (wanted._id !== undefined) assert.equal(_id, wanted._id);
    if (_version !== 1) writtenAgain += 1;
  }
  assert.equal(seen.size, expected.size, "documents are missing");
  return writtenAgain;
}

async function* all(
  index: string,
  collection: string,
): AsyncGenerator<Record<string, any>> {
  let page = await ask(
    "POST",
    collectionPath(index, collection, "_search?scroll=1m"),
    { size: 10_000, version: true, sort: ["_doc"] },
  );
  while (page.hits.hits.length > 0) {
    yield* page.hits.hits;
    page = await ask("POST", "/_search/scroll", {
      scroll: "1m",
      scroll_id: page._scroll_id,
    });
  }
}
