/*
 * Cleans up after a launcher that could not do it itself (kill -9, a crash of
 * Node). Its standard input is a pipe held by the launcher alone: the end of
 * that pipe is the end of the launcher, whatever ended it. See
 * stack/resources.ts for the other side.
 *
 * A line of the input is {"id", "leftover"} or {"id"} (taken care of). A
 * leftover is {"kill": process group}, {"remove": path} or {"run": [command]}.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const { rmSync } = require("node:fs");
const { createInterface } = require("node:readline");

const PATIENCE_MS = 8000;
const leftovers = new Map();

// A Ctrl-C in the terminal is for the launcher. We stay until it is gone.
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

/** False when nobody is left in the group. */
function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}
