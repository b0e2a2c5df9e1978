import path from "node:path";

import { merge } from "lodash";

import type { Engines } from "./engines/index";
import { logFile, ROOT } from "./paths";
import { freePort, isFree } from "./ports";
import { ready, startService } from "./process";
import { type Log, timed } from "./progress";

const START_MS = 120_000;

export interface KuzzleOptions {
  readonly engines: Pick<Engines, "elasticsearch" | "redis">;
  readonly log: Log;
  /** Default: a free port. */
  readonly port?: number;
  /** MQTT is off unless this is set; 0 takes a free port. */
  readonly mqttPort?: number;
  /** Kuzzle configuration that overrides the application's. */
  readonly config?: Record<string, unknown>;
  /** The application's file, relative to the clone. */
  readonly app?: string;
  /** Distinguishes several Kuzzles of one run in the logs. */
  readonly name?: string;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningKuzzle {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly mqttPort: number | undefined;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with the reason when it ends. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Starts a Kuzzle in its own process and waits until it answers. */
export async function startKuzzle(
  options: KuzzleOptions,
): Promise<RunningKuzzle> {
  const { engines, log, app = "docker/app/app.ts", name = "kuzzle" } = options;
  const port = options.port ?? (await freePort());
  const mqttPort = options.mqttPort === 0 ? await freePort() : options.mqttPort;
  await assertPortFree(port);

  const service = startService({
    name: "Kuzzle",
    command: process.execPath,
    args: ["--require", "tsx/cjs", path.resolve(ROOT, app)],
    cwd: ROOT,
    env: {
      ...process.env,
      ...options.env,
      KUZZLE_CONFIG: JSON.stringify(
        merge(addresses(engines, port, mqttPort), options.config),
      ),
    },
    logFile: logFile(name),
  });
  const url = `http://127.0.0.1:${port}`;
  await timed(log, `Starting Kuzzle on port ${port}`, () =>
    ready(service, () => answers(url), START_MS),
  );
  return {
    url,
    host: "127.0.0.1",
    port,
    mqttPort,
    pid: service.pid,
    logFile: service.logFile,
    exited: service.exited,
    stop: () => service.stop(),
  };
}

export async function assertPortFree(port: number): Promise<void> {
  if (await isFree(port)) return;
  throw new Error(
    `Port ${port} is taken: another Kuzzle, or another npm start, is running. ` +
      `Stop it first (to find it: ss -ltnp 'sport = :${port}', or lsof -i :${port}).`,
  );
}

function addresses(
  engines: Pick<Engines, "elasticsearch" | "redis">,
  port: number,
  mqttPort: number | undefined,
) {
  const { elasticsearch, redis } = engines;
  return {
    server: {
      port,
      protocols: {
        mqtt: {
          enabled: mqttPort !== undefined,
          ...(mqttPort !== undefined && { server: { port: mqttPort } }),
        },
      },
    },
    services: {
      storageEngine: {
        majorVersion: String(elasticsearch.major),
        client: { node: elasticsearch.url },
      },
      internalCache: { node: redis },
      memoryStorage: { node: redis },
    },
  };
}

/**
 * Whether it accepts requests and reaches both engines, as far as it tells anonymous
 * users.
 */
async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(`${url}/_healthCheck`, {
    signal: AbortSignal.timeout(3000),
  });
  if (response.status === 401 || response.status === 403) return true;
  const { result } = (await response.json()) as {
    result: { status: string } | null;
  };
  return result?.status === "green" ? true : undefined;
}
