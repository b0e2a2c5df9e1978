import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";

import { logFile } from "../paths";
import { freePort } from "../ports";
import { ready, type Service, startService } from "../process";
import { redisAnswers } from "./probes";
import type { RedisAddress } from "./types";

const TIMEOUT_MS = 20_000;

export interface RunningRedis {
  readonly service: Service;
  readonly address: RedisAddress;
}

/** Runs the binary in `folder`, or the `redis-server` on the PATH. */
export async function startRedis(
  folder: string,
  data: string,
): Promise<RunningRedis> {
  const directory = path.join(data, "redis");
  mkdirSync(directory, { recursive: true });
  const address = { host: "127.0.0.1", port: await freePort() };

  const service = startService({
    name: "Redis",
    command: redisServer(folder),
    args: [
      ...["--bind", address.host, "--port", String(address.port)],
      // Data is saved when it is stopped, for the next start.
      ...["--dir", directory, "--save", "900", "1"],
    ],
    logFile: logFile("redis"),
  });
  await ready(
    service,
    async () => ((await redisAnswers(address)) ? true : undefined),
    TIMEOUT_MS,
  );
  return { service, address };
}

function redisServer(folder: string): string {
  // Empty if the artifact has no binary for this machine.
  const binary = readdirSync(folder).find((name) =>
    name.startsWith("redis-server"),
  );
  return binary === undefined ? "redis-server" : path.join(folder, binary);
}
