import { existsSync } from "node:fs";
import path from "node:path";

import {
  type Engines,
  type Major,
  redisUrl,
  startEngines,
} from "../stack/engines/index";
import { borrowKept } from "../stack/kept";
import { type RunningKuzzle, startKuzzle } from "../stack/kuzzle";
import { ROOT, temporaryFolder } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { seconds, toTerminal as log } from "../stack/progress";
import {
  add,
  countScenarios,
  type Counts,
  exitCode,
  NOTHING,
  summary,
} from "./counts";

const PROTOCOLS = ["http", "websocket", "mqtt"] as const;
type Protocol = (typeof PROTOCOLS)[number];

const CUCUMBER = "node_modules/@cucumber/cucumber/bin/cucumber.js";
export interface FeaturesOptions {
  readonly major?: Major;
}

/**
 * Runs the features once per protocol, each against its own Kuzzle. `args` go to
 * cucumber, except `--protocol NAME`, which selects protocols and may be repeated, and
 * `--major 8`.
 */
export async function runFeatures(args: readonly string[]): Promise<number> {
  const { rest, ...options } = readMajor(args);
  const counts = await onTestStack(options, (env) => countFeatures(rest, env));
  log(summary("features", counts));
  return exitCode(counts);
}

/** Extracts `--major 8`, the Elasticsearch version, from the arguments. */
export function readMajor(
  args: readonly string[],
): FeaturesOptions & { readonly rest: readonly string[] } {
  const at = args.indexOf("--major");
  if (at === -1) return { rest: args };
  const major = Number(args[at + 1]);
  if (major !== 7 && major !== 8) throw new Error("--major must be 7 or 8");
  return { major, rest: [...args.slice(0, at), ...args.slice(at + 2)] };
}

/** Runs `work` with engines and a Kuzzle for tests. */
export function onTestStack<T>(
  options: FeaturesOptions,
  work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  return onEngines(options, (engines) => onTestKuzzle(engines, work));
}

export async function onEngines<T>(
  { major }: FeaturesOptions,
  work: (engines: Engines) => Promise<T>,
): Promise<T> {
  const engines =
    (await borrowKept(major, log)) ??
    (await startEngines({ ...(major && { major }), fresh: true, log }));
  const result = await work(engines);

  await engines.stop();
  return result;
}

export async function onTestKuzzle<T>(
  engines: Engines,
  work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const kuzzle = await startTestKuzzle(engines);
  const result = await work(testEnvironment(kuzzle, engines));

  log(`Kuzzle's log: ${kuzzle.logFile}`);
  await kuzzle.stop();
  return result;
}

export async function countFeatures(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts> {
  const { protocols, rest } = readArguments(args);
  const reports = temporaryFolder("reports");
  let counts = NOTHING;
  for (const protocol of protocols) {
    const started = Date.now();
    const report = path.join(reports, `${protocol}.ndjson`);
    log(`\n• Features over ${protocol}`);
    const code = await cucumber(protocol, report, rest, env);
    const result = countScenarios(report, code);
    log(
      `${result.failed === 0 ? "✓" : "✗"} Features over ${protocol}: ` +
        `${result.passed} passed, ${result.failed} failed (${seconds(Date.now() - started)})`,
    );
    counts = add(counts, result);
  }
  return counts;
}

/**
 * The addresses of the parts under test, as features/support/environment.ts reads them.
 */
export function testEnvironment(
  kuzzle: RunningKuzzle,
  engines: Engines,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    TEST_KUZZLE_HOST: kuzzle.host,
    TEST_KUZZLE_PORT: String(kuzzle.port),
    TEST_KUZZLE_MQTT_PORT: String(kuzzle.mqttPort),
    TEST_KUZZLE_LOG: kuzzle.logFile,
    TEST_ELASTICSEARCH_URL: engines.elasticsearch.url,
    TEST_ELASTICSEARCH_MAJOR: String(engines.elasticsearch.major),
    TEST_REDIS_URL: redisUrl(engines.redis),
  };
}

/** The application of the features, or else the plain one. */
function startTestKuzzle(engines: Engines) {
  const own = "features/support/app.ts";
  return startKuzzle({
    engines,
    log,
    mqttPort: 0,
    ...(existsSync(path.join(ROOT, own)) && { app: own }),
    // Scenarios log in as many users in a row.
    config: { limits: { loginsPerSecond: 1000 } },
  });
}

function cucumber(
  protocol: Protocol,
  report: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  return runToEnd(
    process.execPath,
    [
      ...["--require", "tsx/cjs", CUCUMBER],
      ...["--profile", protocol, "--format", `message:${report}`],
      ...args,
    ],
    { cwd: ROOT, env },
  );
}

function readArguments(args: readonly string[]): {
  protocols: readonly Protocol[];
  rest: string[];
} {
  const protocols: Protocol[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === "--protocol") protocols.push(protocolNamed(args[++i]));
    else rest.push(argument);
  }
  return { protocols: protocols.length > 0 ? protocols : PROTOCOLS, rest };
}

function protocolNamed(name: string | undefined): Protocol {
  const protocol = PROTOCOLS.find((known) => known === name);
  if (protocol !== undefined) return protocol;
  throw new Error(
    `--protocol must be one of ${PROTOCOLS.join(", ")}, not ${name}.`,
  );
}
