/**
 * Prints what the plugin costs an application at startup, in time and memory: for the
 * built plugin alone, and with the packages that only the command needs. What is loaded
 * at all is tested by `test/unit/checks/pluginLoads.test.ts`.
 *
 *   npm run build && npx tsx scripts/checks/pluginCost.ts
 */
import { execFileSync } from "node:child_process";
import path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const ROUNDS = 15;

/** kuzzle is loaded beforehand, because every application has it anyway. */
const BEFORE = 'require("kuzzle");';
const PLUGIN = 'require("./dist/index.js");';
const OF_THE_COMMAND = ["commander", "csv-parse/sync", "cli-progress"]
  .map((name) => `require("${name}");`)
  .join("");

interface Cost {
  readonly ms: number;
  readonly megabytes: number;
}

function costOf(code: string): Cost {
  const program = `${BEFORE} gc();
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    ${code}
    const ms = performance.now() - start; gc();
    const bytes = process.memoryUsage().heapUsed - before;
    console.log(JSON.stringify({ ms, megabytes: bytes / 2 ** 20 }));
    process.exit(0);`;
  const text = execFileSync(
    process.execPath,
    ["--expose-gc", "--eval", program],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  return JSON.parse(text.trim().split("\n").at(-1) as string) as Cost;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

const CASES = {
  "the plugin": PLUGIN,
  "with the command's packages": PLUGIN + OF_THE_COMMAND,
};
const costs = Object.values(CASES).map((): Cost[] => []);
for (let round = 0; round < ROUNDS; round++) {
  Object.values(CASES).forEach((code, i) => costs[i]?.push(costOf(code)));
}
Object.keys(CASES).forEach((name, i) => {
  const own = costs[i] ?? [];
  const ms = median(own.map((each) => each.ms)).toFixed(0);
  const megabytes = median(own.map((each) => each.megabytes)).toFixed(1);
  console.log(`${name}: ${ms} ms, ${megabytes} MB of heap`);
});
