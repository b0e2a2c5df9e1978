import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import path from "node:path";

import { CACHE, logFile, temporaryFolder } from "./paths";
import { freePorts } from "./ports";
import { ready, startService } from "./process";
import { type Log, timed } from "./progress";
import { hold } from "./resources";

const MODULE = "github.com/minio/minio";
const VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c";
const START_MS = 30_000;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RunningMinio {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * An S3 storage that verifies signatures, built from source: other substitutes accept
 * any signature, so tests against them could not fail.
 */
export async function startMinio(
  { accessKeyId, secretAccessKey }: Credentials,
  log: Log,
): Promise<RunningMinio> {
  const program = await minio(log);
  const [port, consolePort] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const service = startService({
    name: "MinIO",
    command: program,
    args: [
      "server",
      ...["--address", `127.0.0.1:${port}`],
      ...["--console-address", `127.0.0.1:${consolePort}`],
      temporaryFolder("minio"),
    ],
    env: {
      ...process.env,
      MINIO_ROOT_USER: accessKeyId,
      MINIO_ROOT_PASSWORD: secretAccessKey,
      MINIO_BROWSER: "off",
    },
    logFile: logFile("minio"),
  });
  await timed(log, `Starting MinIO on port ${port}`, () =>
    ready(service, () => isReady(url), START_MS),
  );
  return { url, stop: () => service.stop() };
}

async function isReady(url: string): Promise<true | undefined> {
  const response = await fetch(`${url}/minio/health/ready`, {
    signal: AbortSignal.timeout(1_000),
  });
  await response.arrayBuffer();
  return response.ok ? true : undefined;
}

/** The path of the program, which is built if necessary. */
async function minio(log: Log): Promise<string> {
  const folder = path.join(CACHE, `minio-${VERSION}`);
  const program = path.join(folder, "minio");
  if (!existsSync(program)) await build(folder, log);
  return program;
}

async function build(folder: string, log: Log): Promise<void> {
  requireGo();
  const work = path.join(CACHE, `minio-${process.pid}`);
  mkdirSync(work, { recursive: true });
  const remove = hold({ remove: work }, () =>
    rmSync(work, { recursive: true, force: true }),
  );
  const go = startService({
    name: "Go",
    command: "go",
    args: ["install", `${MODULE}@${VERSION}`],
    env: { ...process.env, GOBIN: work },
    logFile: logFile("go"),
  });
  const end = await timed(
    log,
    "Building MinIO with Go (150 MB, about three minutes, once)",
    () => go.exited,
  );
  await go.stop();
  if (end !== "exit code 0") {
    throw new Error(`go install ended with ${end}: see ${go.logFile}.`);
  }
  if (!existsSync(folder)) renameSync(work, folder);
  await remove();
}

function requireGo(): void {
  if (spawnSync("go", ["version"], { stdio: "ignore" }).status === 0) return;
  throw new Error(
    "Go is missing: MinIO, the storage of these tests, is built with it.\n" +
      "    Debian, Ubuntu: apt-get install golang\n" +
      "    macOS:          brew install go",
  );
}
