/** Runs `kuzzle-batch` as a terminal would: in its own process. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";

import { environment } from "../../../features/support/environment";

const ROOT = path.resolve(__dirname, "../../..");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** How the command is started: as published, built. */
export function command(): readonly string[] {
  built ??= isBuilt(DIST) ? DIST : build();
  return [process.execPath, path.join(built, MAIN)];
}

const MAIN = "bin/kuzzle-batch.js";
const DIST = path.join(ROOT, "dist");
let built: string | undefined;

/** Whether there is a build, and no source has changed since. The package has no sources. */
function isBuilt(folder: string): boolean {
  const main = statSync(path.join(folder, MAIN), { throwIfNoEntry: false });
  const sources = path.join(ROOT, "bin");
  return (
    main !== undefined &&
    (!existsSync(sources) ||
      readdirSync(sources, { recursive: true }).every(
        (name) =>
          statSync(path.join(sources, String(name))).mtimeMs < main.mtimeMs,
      ))
  );
}

function build(): string {
  const folder = path.join(ROOT, ".stack/command");
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, "node_modules/typescript/bin/tsc"),
      ...["-p", path.join(ROOT, "tsconfig.json"), "--outDir", folder],
    ],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stdout);
  return folder;
}

/** The address of the Kuzzle under test, without other settings of this environment. */
export function environmentOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    KUZZLE_HOST: environment.kuzzleHost,
    KUZZLE_PORT: String(environment.kuzzlePort),
    ...env,
  };
}

/** @param input text for its standard input */
export function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: string | Buffer,
): Running {
  const [node = "", ...own] = command();
  const child = spawn(node, [...own, ...args], {
    cwd: ROOT,
    env: environmentOf(env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  // a command that needs no input ends without reading it
  child.stdin.on("error", () => undefined).end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({ code, signal, stdout, stderr }),
    );
  });
  return { child, ended };
}

export function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: string | Buffer,
): Promise<Ended> {
  return start(args, env, input).ended;
}

/** The administrator of the suite. */
export const ADMIN: NodeJS.ProcessEnv = {
  KUZZLE_USERNAME: "features-admin",
  KUZZLE_PASSWORD: "features-admin",
};
