import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { hold } from "./resources";

/** The root of the clone. */
export const ROOT = path.resolve(__dirname, "../..");

/** Everything the stack writes is in here; git ignores it. */
export const STACK = path.join(ROOT, ".stack");

/** Where downloads are kept. STACK_CACHE lets clones share it. */
export const CACHE = path.resolve(
  process.env.STACK_CACHE || path.join(STACK, "cache"),
);

/** Data that is kept between runs of `npm start`. */
export const KEPT_DATA = path.join(STACK, "data");

const LOGS = path.join(STACK, "logs");
const LOGS_KEPT = 10;

/** A data folder that is deleted after this run. */
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

/** A log file of this run. Logs are kept, to analyze failures. */
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
