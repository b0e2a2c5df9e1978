/*
 * Loads the compiled modules in a process of its own, and prints the result as one line of
 * JSON: { stale, server }.
 *
 * stale:  names of the packages that were compiled for another Node
 * server: { file } of Kuzzle's web server, or { problem } if it cannot be loaded
 */
"use strict";

const { existsSync, readdirSync } = require("node:fs");
const path = require("node:path");

const MODULES = path.resolve(__dirname, "../../node_modules");

function compiledPackages() {
  return readdirSync(MODULES)
    .flatMap((name) => (name.startsWith("@") ? scoped(name) : [name]))
    .filter((name) => existsSync(path.join(MODULES, name, "binding.gyp")));
}

function scoped(scope) {
  return readdirSync(path.join(MODULES, scope)).map((name) =>
    path.posix.join(scope, name),
  );
}

function isStale(name) {
  const release = path.join(MODULES, name, "build/Release");
  if (!existsSync(release)) return false; // the package contains its binary
  return readdirSync(release)
    .filter((file) => file.endsWith(".node"))
    .some((file) => {
      try {
        process.dlopen({ exports: {} }, path.join(release, file));
        return false;
      } catch (error) {
        return error.message.includes("NODE_MODULE_VERSION");
      }
    });
}

/**
 * Without a binary for this Node, some builds fall back to a server that crashes at its
 * first request.
 */
function server() {
  const kuzzle = path.join(MODULES, "kuzzle");
  try {
    require(require.resolve("uWebSockets.js", { paths: [kuzzle] }));
  } catch (error) {
    return { problem: error.message };
  }
  const file = Object.keys(require.cache).find((loaded) =>
    /uws_[^/\\]+\.node$/.test(loaded),
  );
  return file === undefined ? { problem: "it has no binary" } : { file };
}

console.log(
  JSON.stringify({
    stale: compiledPackages().filter(isStale),
    server: server(),
  }),
);
