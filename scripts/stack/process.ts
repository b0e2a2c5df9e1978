import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

import { assertOpen, hold } from "./resources";

const STOP_MS = 10_000;
const POLL_MS = 150;
const TAIL_LINES = 25;

export interface ServiceOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program that runs until it is stopped, with its children. */
export interface Service {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with the reason ("exit code 1", "SIGKILL") when it ends. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** All output so far. */
  output(): string;
  /** Terminates it, kills it after a timeout, and returns when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a program in its own process group: Ctrl-C in the terminal does not reach it,
 * so the launcher decides in which order things stop. Its output goes to a file, not to
 * a pipe that would break with the launcher.
 */
export function startService(options: ServiceOptions): Service {
  assertOpen();
  const { name, command, args, logFile } = options;
  const log = openSync(logFile, "a");
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);

  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve((ended = error.message)));
    child.once("exit", (code, signal) =>
      resolve((ended = signal ?? `exit code ${code}`)),
    );
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} could not be started.`);

  return {
    name,
    pid,
    logFile,
    exited,
    hasExited: () => ended !== undefined,
    output: () => readFileSync(logFile, "utf8"),
    stop: hold({ kill: pid }, () => stopGroup(pid)),
  };
}

/** As `runToEnd`, but also returns the output. */
export async function runAndRead(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ readonly output: string; readonly code: number }> {
  let output = "";
  const code = await runToEnd(command, args, {
    ...options,
    onOutput: (text) => {
      output += text;
      process.stdout.write(text);
    },
  });
  return { output, code };
}

/**
 * Runs a program to its end and returns its exit code. Its output goes to this terminal
 * or to `onOutput`.
 */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    onOutput?: (text: string) => void;
  } = {},
): Promise<number> {
  assertOpen();
  const { onOutput } = options;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: onOutput
      ? ["ignore", "pipe", "pipe"]
      : ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", onOutput!);
  }

  const { pid } = child;
  const release =
    pid === undefined ? undefined : hold({ kill: pid }, () => stopGroup(pid));
  try {
    return await ended;
  } finally {
    await release?.();
  }
}

/** Waits until `check` returns something; fails if the service ends first. */
export async function ready<T>(
  service: Service,
  check: () => Promise<T | undefined>,
  timeoutMs: number,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await check().catch(() => undefined);
    if (answer !== undefined) return answer;
    assertOpen();
    if (service.hasExited()) {
      throw new Error(
        `${service.name} ended while starting (${await service.exited}).\n${tail(service)}`,
      );
    }
    if (Date.now() > deadline) {
      throw new Error(
        `${service.name} was not ready after ${timeoutMs / 1000} s.\n${tail(service)}`,
      );
    }
    await pause(POLL_MS);
  }
}

function tail(service: Service): string {
  const lines = service.output().trimEnd().split("\n").slice(-TAIL_LINES);
  return `Last lines of ${service.logFile}:\n  ${lines.join("\n  ")}`;
}

async function stopGroup(group: number): Promise<void> {
  const deadline = Date.now() + STOP_MS;
  for (let alive = signal(group, "SIGTERM"); alive; alive = signal(group, 0)) {
    const late = Date.now() - deadline;
    if (late > 0) signal(group, "SIGKILL");
    if (late > STOP_MS) return; // a zombie that nobody reaps
    await pause(50);
  }
}

/** False if the process group is empty. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, name);
    return true;
  } catch {
    return false;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
