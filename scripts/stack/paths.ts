import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { hold } from "./resources";

/** The clone. */
export const ROOT = path.resolve(__dirname, "../..");

/** Everything the stack writes lies in here; git ignores it. */
export const STACK = path.join(ROOT, ".stack");

/** Where downloads are kept. Shared between clones by STACK_CACHE. */
export const CACHE = path.resolve(
  process.env.STACK_CACHE || path.join(STACK, "cache"),
);

/** The data that `npm start` finds again the next time. */
export const KEPT_DATA = path.join(STACK, "data");

const LOGS = path.join(STACK, "logs");
const LOGS_KEPT = 10;

/** A data folder of this run alone, gone when the run is over. */
export function temporaryFolder(name: string): string {
  const folder = path.join(
    STACK,
    "runs",
    `${name}-${process.pid}-${randomBytes(3).toString("hex")}`,
  );
  mkdirSync(folder, { recursive: true });
  hold({ remove: folder }, () =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  );
  return folder;
}

let logs: string | undefined;

/** A log file of this run. Logs outlive the run: a failure is read in them. */
export function logFile(name: string): string {
  if (logs === undefined) {
    logs = path.join(LOGS, `${Date.now()}-${process.pid}`);
    mkdirSync(logs, { recursive: true });
    forgetOldLogs();
  }
  return path.join(logs, `${name}.log`);
}

function forgetOldLogs(): void {
  const age = (name: string) => statSync(path.join(LOGS, name)).mtimeMs;
  const youngestFirst = readdirSync(LOGS).sort((a, b) => age(b) - age(a));
  for (const name of youngestFirst.slice(LOGS_KEPT)) {
    rmSync(path.join(LOGS, name), { recursive: true, force: true });
  }
}
