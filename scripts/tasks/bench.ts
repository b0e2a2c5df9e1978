import { parseArgs } from "node:util";

import { ablate } from "../../bench/ablation/run";
import type { LineSpeed } from "../../bench/ablation/SlowLine";
import { startEngines } from "../stack/engines/index";
import { startKuzzle } from "../stack/kuzzle";
import { ROOT } from "../stack/paths";
import { freePort } from "../stack/ports";
import { runToEnd } from "../stack/process";
import { toTerminal as log } from "../stack/progress";
import { testEnvironment } from "./features";
import { build } from "./build";

/** Measures a Kuzzle in production mode with its own engines; `args` go to the script. */
export async function bench(args: readonly string[]): Promise<number> {
  await build();
  if (args.includes("--ablation")) {
    return benchAblation(args);
  }
  const inspector = args.includes("--profile") ? await freePort() : undefined;
  const engines = await startEngines({ fresh: true, log });
  const kuzzle = await startKuzzle({
    engines,
    log,
    app: "bench/app.cjs",
    env: {
      NODE_ENV: "production",
      ...(inspector !== undefined && {
        NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}`,
      }),
    },
  });
  const code = await runToEnd(
    process.execPath,
    ["--require", "tsx/cjs", "bench/run.ts", ...args],
    {
      cwd: ROOT,
      env: {
        ...testEnvironment(kuzzle, engines),
        TEST_KUZZLE_PID: String(kuzzle.pid),
        ...(inspector !== undefined && {
          BENCH_INSPECTOR_PORT: String(inspector),
        }),
      },
    },
  );
  await kuzzle.stop();
  await engines.stop();
  // the page on performance contains the tables of the last results
  await runToEnd(
    process.execPath,
    ["--require", "tsx/cjs", "scripts/checks/docs.ts"],
    { cwd: ROOT },
  );
  return code;
}

async function benchAblation(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ablation: { type: "string", multiple: true },
      scenario: { type: "string", multiple: true },
      prometheus: { type: "boolean" },
      latency: { type: "string" },
      bandwidth: { type: "string" },
      rounds: { type: "string" },
    },
  });
  const engines = await startEngines({ fresh: true, log });
  await ablate({
    engines,
    log,
    names: values.ablation ?? [],
    scenarios: values.scenario,
    withPrometheus: values.prometheus === true,
    line: lineOf(values),
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
  });
  await engines.stop();
  return 0;
}

/** @param options milliseconds, and Mbit/s, as they stand in the command */
function lineOf({
  latency,
  bandwidth,
}: {
  readonly latency?: string | undefined;
  readonly bandwidth?: string | undefined;
}): LineSpeed | undefined {
  return latency === undefined && bandwidth === undefined
    ? undefined
    : {
        latencyMs: Number(latency ?? 0),
        bytesPerSecond: Number(bandwidth ?? Infinity) * 125_000,
      };
}
