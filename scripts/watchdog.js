/*
 * Cleans up after a launcher that could not do it itself (kill -9, a crash of Node). Its
 * standard input is a pipe that only the launcher holds, so the end of that pipe means
 * that the launcher has ended, for whatever reason. See stack/resources.ts for the other
 * side.
 *
 * A line of the input is {"id", "leftover"} or {"id"} (already cleaned up). A leftover is
 * {"kill": process group}, {"remove": path} or {"run": [command]}.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const { rmSync } = require("node:fs");
const { createInterface } = require("node:readline");

const PATIENCE_MS = 8000;
const leftovers = new Map();

// Ctrl-C in the terminal is meant for the launcher; the watchdog stays until it is gone.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {});
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { id, leftover } = JSON.parse(line);
    if (leftover) leftovers.set(id, leftover);
    else leftovers.delete(id);
  })
  .on("close", () => void cleanUp());

async function cleanUp() {
  // Last started, first stopped: Kuzzle goes before its engines.
  for (const leftover of [...leftovers.values()].reverse()) {
    if (leftover.kill) await killGroup(leftover.kill);
    if (leftover.run) {
      spawnSync(leftover.run[0], leftover.run.slice(1), { stdio: "ignore" });
    }
    if (leftover.remove) {
      rmSync(leftover.remove, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

async function killGroup(group) {
  if (!signalGroup(group, "SIGTERM")) return;
  const deadline = Date.now() + PATIENCE_MS;
  while (signalGroup(group, 0)) {
    const late = Date.now() - deadline;
    if (late > 0) signalGroup(group, "SIGKILL");
    if (late > PATIENCE_MS) return; // a zombie that nobody reaps
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** False if the process group is empty. */
function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}
