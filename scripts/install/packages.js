/* What npm must do before anything else can run. */
"use strict";

const { spawn, spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");

async function installMissing() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  // `ci` would delete what is already installed.
  const command = installed() === undefined ? "ci" : "install";
  await npm(
    `${missing.length} packages are missing: npm ${command} ` +
      "(about two minutes from scratch; Kuzzle compiles native modules)",
    [command, "--no-audit", "--no-fund"],
  );
}

/** Compiles packages for the current Node. */
async function rebuild(names) {
  await npm(
    `Compiled for another Node: npm rebuild ${names.join(" ")} (about three minutes)`,
    ["rebuild", ...names],
  );
}

/** Packages of the lock file that node_modules lacks or has in another version. */
function missingPackages() {
  const wanted = lockedPackages("package-lock.json");
  const present = installed() ?? {};
  return Object.keys(wanted).filter(
    (place) =>
      place !== "" &&
      !wanted[place].optional &&
      wanted[place].version !== present[place]?.version,
  );
}

/** npm writes this file last: without it, an install was interrupted. */
function installed() {
  return lockedPackages("node_modules/.package-lock.json");
}

/** By path; undefined if there is no such file. */
function lockedPackages(file) {
  const lock = path.join(ROOT, file);
  if (!existsSync(lock)) return undefined;
  return JSON.parse(readFileSync(lock, "utf8")).packages;
}

/** Runs npm, and reports how long it takes. */
async function npm(title, args) {
  requireCompiler();
  console.log(`• ${title}`);
  const started = Date.now();
  const elapsed = () => seconds(Date.now() - started);
  // npm shows progress only in a terminal, and is silent elsewhere.
  const heartbeat = setInterval(() => console.log(`  … ${elapsed()}`), 20_000);
  if (process.stdout.isTTY) clearInterval(heartbeat);
  try {
    await runNpm(args);
  } finally {
    clearInterval(heartbeat);
  }
  console.log(`✓ npm ${args[0]} (${elapsed()})`);
}

/**
 * Kuzzle's native modules are compiled: a missing compiler is reported at once, not
 * after minutes.
 */
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
  // Node's own headers, if installed next to it, save node-gyp a download.
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
      // It had already ended.
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

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

module.exports = { installMissing, rebuild };
