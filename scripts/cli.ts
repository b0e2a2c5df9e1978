import { toTerminal } from "./stack/progress";
import { releaseAll } from "./stack/resources";
import { bench } from "./tasks/bench";
import { testBounds } from "./tasks/bounds";
import { breaking } from "./tasks/breaking";
import { testBrowser } from "./tasks/browser";
import { failover } from "./tasks/failover";
import { runFeatures } from "./tasks/features";
import { testMatrix } from "./tasks/matrix";
import { measure } from "./tasks/measure";
import { runEngineTests } from "./tasks/mocha";
import { testS3 } from "./tasks/s3";
import { testSchemathesis } from "./tasks/schemathesis";
import { stack } from "./tasks/stack";
import { start } from "./tasks/start";
import { test, testElasticsearch8 } from "./tasks/test";

/** Runs the task and returns the exit code. */
type Task = (args: readonly string[]) => Promise<number>;

const TASKS: Record<string, Task> = {
  start,
  stack,
  test,
  features: runFeatures,
  engine: runEngineTests,
  es8: testElasticsearch8,
  matrix: testMatrix,
  browser: testBrowser,
  s3: testS3,
  schemathesis: testSchemathesis,
  stream: (args) =>
    measure("test/load/stream.ts", args, "test/load/streamApp.ts"),
  kill: breaking("kill"),
  cluster: breaking("cluster"),
  network: breaking("network"),
  states: breaking("states"),
  failover,
  bench,
  export: (args) => measure("test/load/export.ts", args),
  record: (args) => measure("scripts/pictures/record.ts", args),
  import: (args) => measure("test/load/import/run.ts", args),
  memory: (args) => measure("test/load/memory/run.ts", args),
  exact: (args) => measure("test/load/exact/run.ts", args),
  bounds: testBounds,
  soak: (args) => measure("test/load/soak.ts", args, "test/load/soak/app.ts"),
  contention: (args) => measure("test/load/contention.ts", args),
  instruments: (args) =>
    measure(
      "test/load/instruments/run.ts",
      args,
      "test/load/instruments/app.ts",
    ),
};

/** Tasks that run until they are stopped: being stopped is not a failure. */
const ENDLESS = new Set(["start", "stack"]);

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs one task and cleans up, however it ends. */
export async function main(argv: readonly string[]): Promise<void> {
  const [name = "", ...args] = argv;
  const task = TASKS[name];
  if (task === undefined) {
    throw new Error(
      `No task "${name}". There are: ${Object.keys(TASKS).join(", ")}.`,
    );
  }
  let code: number;
  try {
    code = await Promise.race([
      task(args),
      stopSignal(ENDLESS.has(name)),
      crash(),
    ]);
  } catch (error) {
    console.error(
      `\n✗ ${error instanceof Error ? error.message : String(error)}`,
    );
    code = 1;
  }
  await releaseAll();
  process.exit(code);
}

function stopSignal(endless: boolean): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(SIGNALS)) {
      // Not once(): a second Ctrl-C must not interrupt the cleanup.
      process.on(signal, () => {
        resolve(endless ? 0 : code);
      });
      process.once(signal, () => toTerminal(`\n• Stopping (${signal})`));
    }
  });
}

function crash(): Promise<never> {
  return new Promise((_, reject) => {
    process.on("uncaughtException", reject);
    process.on("unhandledRejection", reject);
  });
}
