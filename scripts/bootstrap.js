/*
 * The first file of every task (npm start, npm test, …). It runs on a machine
 * that has nothing but Node: it checks what is there, installs the packages
 * when they are missing, and hands over to cli.ts.
 */
"use strict";

const { spawn, spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "..");
const NODE_MAJOR = 20;

// A lost parent becomes the SIGTERM that npm 11 kept to itself, so that
// whatever runs at the time needs to know of SIGTERM only.
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
  const missing = missingPackages();
  if (missing.length > 0) await install(missing);
  require("tsx/cjs");
  await require("./cli.ts").main(args);
}

/** The direct dependencies that are not in node_modules. */
function missingPackages() {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(path.join(ROOT, "package.json"), "utf8"),
  );
  const names = Object.keys({ ...dependencies, ...devDependencies });
  if (!installWasFinished()) return names;
  return names.filter(
    (name) =>
      !existsSync(path.join(ROOT, "node_modules", name, "package.json")),
  );
}

/** npm writes this file last: without it an install was interrupted. */
function installWasFinished() {
  return existsSync(path.join(ROOT, "node_modules/.package-lock.json"));
}

async function install(missing) {
  // `ci` would throw away what is there already.
  const fromScratch =
    !installWasFinished() && existsSync(path.join(ROOT, "package-lock.json"));
  const command = fromScratch ? "ci" : "install";
  requireCompiler();
  console.log(
    `• ${missing.length} packages are missing: npm ${command} ` +
      "(about two minutes from scratch; Kuzzle compiles native modules)",
  );
  const started = Date.now();
  const elapsed = () => seconds(Date.now() - started);
  // npm moves something in a terminal, and says nothing at all elsewhere.
  const heartbeat = setInterval(() => console.log(`  … ${elapsed()}`), 20_000);
  if (process.stdout.isTTY) clearInterval(heartbeat);
  try {
    await runNpm([command, "--no-audit", "--no-fund"]);
  } finally {
    clearInterval(heartbeat);
  }
  console.log(`✓ Packages installed (${elapsed()})`);
}

/** Kuzzle's native modules are compiled: better said now than in minute two. */
function requireCompiler() {
  const needed = [
    { commands: ["c++", "g++", "clang++"], what: "a C++ compiler (g++)" },
    { commands: ["make", "gmake"], what: "make" },
    { commands: ["python3"], what: "Python 3 (python3)" },
  ];
  const missing = needed.filter(({ commands }) => !commands.some(answers));
  if (missing.length === 0) return;
  throw new Error(
    `Missing: ${missing.map(({ what }) => what).join(", ")}. ` +
      "Kuzzle's native modules are compiled by npm install.\n" +
      "  Debian, Ubuntu: apt-get install g++ make python3\n" +
      "  macOS:          xcode-select --install",
  );
}

function answers(command) {
  const { status } = spawnSync(command, ["--version"], { stdio: "ignore" });
  return status === 0;
}

function runNpm(args) {
  // Node's own headers, where they lie next to it, save node-gyp a download.
  const prefix = path.resolve(process.execPath, "../..");
  const env = { ...process.env };
  if (
    !env.npm_config_nodedir &&
    existsSync(path.join(prefix, "include/node/node.h"))
  ) {
    env.npm_config_nodedir = prefix;
  }
  const npm = spawn("npm", args, {
    cwd: ROOT,
    env,
    stdio: "inherit",
    detached: true,
  });
  const stop = () => {
    try {
      process.kill(-npm.pid, "SIGKILL");
    } catch {
      // It was over already.
    }
    process.exit(1);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return new Promise((resolve, reject) => {
    npm.once("error", reject);
    npm.once("exit", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      if (code === 0) resolve();
      else reject(new Error(`npm ${args[0]} failed (exit code ${code})`));
    });
  });
}

/**
 * Calls back once when the process that started us is gone. Under npm there is
 * a shell in between, which outlives npm: then it is the grandparent that counts.
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

/** The parent of a process, and whether the process itself is but a shell. */
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
    const end = stat.lastIndexOf(")"); // the name may have brackets of its own
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

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
