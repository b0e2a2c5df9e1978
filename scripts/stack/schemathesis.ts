import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

import { CACHE, ROOT } from "./paths";
import { runToEnd } from "./process";
import { type Log, timed } from "./progress";
import { hold } from "./resources";

/** All packages with their versions, including the dependencies of Schemathesis. */
const REQUIREMENTS = path.join(ROOT, "test/load/schemathesis/requirements.txt");

/**
 * The Python with Schemathesis, in a virtual environment, installed at the first call.
 * Incomplete installations have another name: concurrent ones do not interfere, and a
 * broken one leaves no trace.
 */
export async function schemathesisPython(log: Log): Promise<string> {
  const [, version = "unknown"] =
    /^schemathesis==(\S+)$/m.exec(readFileSync(REQUIREMENTS, "utf8")) ?? [];
  const folder = path.join(CACHE, `schemathesis-${version}`);
  if (!isUsable(folder)) {
    await timed(log, `Installing Schemathesis ${version} (90 MB, once)`, () =>
      install(folder),
    );
  }
  return pythonIn(folder);
}

async function install(folder: string): Promise<void> {
  requirePython();
  mkdirSync(CACHE, { recursive: true });
  const unfinished = `${folder}.${process.pid}`;
  const remove = hold({ remove: unfinished }, () =>
    rmSync(unfinished, { recursive: true, force: true }),
  );
  try {
    await python("python3", ["-m", "venv", unfinished]);
    await python(pythonIn(unfinished), [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
      ...["--requirement", REQUIREMENTS],
    ]);
    if (!isUsable(folder)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(unfinished, folder);
    }
  } finally {
    await remove();
  }
}

async function python(command: string, args: string[]): Promise<void> {
  const code = await runToEnd(command, args);
  if (code !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} failed (exit code ${code}): Schemathesis could not be installed.`,
    );
  }
}

function requirePython(): void {
  const { status } = spawnSync(
    "python3",
    ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"],
    { stdio: "ignore" },
  );
  if (status !== 0) {
    throw new Error(
      "Schemathesis needs Python 3.10 or newer with its module venv.\n" +
        "  Debian, Ubuntu: apt-get install python3-venv\n" +
        "  macOS:          brew install python",
    );
  }
}

/** A virtual environment breaks when the system's Python changes its version. */
function isUsable(folder: string): boolean {
  const { status } = spawnSync(
    pythonIn(folder),
    ["-c", "import schemathesis"],
    {
      stdio: "ignore",
    },
  );
  return status === 0;
}

function pythonIn(folder: string): string {
  return path.join(folder, "bin", "python");
}
