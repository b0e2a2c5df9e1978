/*
 * Makes the compiled modules in node_modules fit the current Node, after an
 * installation or a change of Node.
 */
"use strict";

const { spawnSync } = require("node:child_process");
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const { withoutGlibc238 } = require("./glibc");

/**
 * @param rebuild recompiles the named packages
 * @throws what to do, if Kuzzle's web server has no binary for this Node
 */
async function fitNativeModules(rebuild) {
  let { stale, server } = probe();
  if (stale.length > 0) {
    await rebuild(stale);
    ({ stale, server } = probe());
  }
  const file = builtOnNewerGlibc(server);
  if (file !== undefined) {
    replaceFile(file, withoutGlibc238(readFileSync(file)));
    ({ server } = probe());
  }
  if (server.problem !== undefined) throw new Error(noServer(server.problem));
  if (stale.length > 0) {
    throw new Error(
      `Still compiled for another Node: ${stale.join(", ")}. Remove node_modules and start again.`,
    );
  }
}

function probe() {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    [path.join(__dirname, "probe.js")],
    { encoding: "utf8" },
  );
  if (status !== 0) {
    throw new Error(`A compiled module crashes Node (${signal}): ${stderr}`);
  }
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

/** The binary that glibc rejects only because of its version, as its message names it. */
function builtOnNewerGlibc({ problem = "" }) {
  const [, file] =
    /`GLIBC_2\.38' not found \(required by (.*\.node)\)/.exec(problem) ?? [];
  return file;
}

/**
 * Replaces the file instead of changing it, because it may be hard-linked into other
 * clones.
 */
function replaceFile(file, content) {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

function noServer(problem) {
  const { node } = process.versions;
  return (
    `Kuzzle's web server (uWebSockets.js) does not load on Node ${node}, ${process.platform} ${process.arch}: ` +
    `${problem.trim().split("\n").at(-1)}.\n` +
    "  It has binaries for Node 20, 22 and 24 on Linux (glibc 2.36 or newer: Debian 12,\n" +
    "  Ubuntu 24.04), macOS and Windows. Use one of those, or docker/Dockerfile."
  );
}

module.exports = { fitNativeModules };
