/*
 * The entry point of every task (npm start, npm test, …). It runs on a machine that has
 * nothing but Node: it checks the prerequisites, installs missing packages, and hands
 * over to cli.ts.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");

const { fitNativeModules } = require("./install/nativeModules");
const { installMissing, rebuild } = require("./install/packages");

const NODE_MAJOR = 20;

// Turn a lost parent into the SIGTERM that npm 11 does not pass on, so that running tasks
// need to handle SIGTERM only.
watchParent(() => process.kill(process.pid, "SIGTERM"));

main(process.argv.slice(2)).catch((error) => {
  console.error(`\n✗ ${error.message}`);
  process.exit(1);
});

async function main(args) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE_MAJOR) {
    throw new Error(
      `Node ${process.versions.node} is too old: install Node ${NODE_MAJOR} or newer.`,
    );
  }
  await installMissing();
  await fitNativeModules(rebuild);
  require("tsx/cjs");
  await require("./cli.ts").main(args);
}

/**
 * Calls back once when the process that started us is gone. Under npm there is a shell
 * in between, which outlives npm; in that case the grandparent is watched.
 */
function watchParent(onLost) {
  const parent = process.ppid;
  const npm = process.env.npm_lifecycle_event ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    const lost =
      process.ppid !== parent ||
      (npm !== undefined && npm.shell && parentOf(parent)?.pid !== npm.pid);
    if (!lost) return;
    clearInterval(timer);
    onLost();
  }, 500);
  timer.unref();
}

/** The parent of a process, and whether the process itself is only a shell. */
function parentOf(pid) {
  const { name, ppid } = existsSync("/proc/self/stat")
    ? fromProc(pid)
    : fromPs(pid);
  if (!ppid) return undefined;
  return { pid: ppid, shell: /(^|\/)-?(sh|dash|bash|zsh|ash|ksh)$/.test(name) };
}

function fromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")"); // the name may contain brackets
    return {
      name: stat.slice(stat.indexOf("(") + 1, end),
      ppid: Number(stat.slice(end + 2).split(" ")[1]),
    };
  } catch {
    return {};
  }
}

function fromPs(pid) {
  const { stdout } = spawnSync("ps", ["-o", "ppid=,comm=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const [, ppid, name] = /^\s*(\d+)\s+(.*\S)/.exec(stdout ?? "") ?? [];
  return { name, ppid: Number(ppid) };
}
