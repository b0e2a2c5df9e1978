/**
 * Which way imports go, type-only ones included: what a folder may import beside
 * itself. Whoever is not named may import everything, and nobody in a circle.
 */
const MAY_IMPORT = {
  index: ["lib/BatchPlugin", "lib/types"],
  "lib/types": [],
  "lib/errors": [],
  "lib/limits": [],
  "lib/config": ["lib/errors", "lib/types", "lib/compat/mixpeek/presignConfig"],
  "lib/core": ["lib/limits", "lib/types"],
  "lib/elasticsearch": ["lib/core", "lib/types"],
  "lib/kuzzle": ["lib/core", "lib/elasticsearch", "lib/errors", "lib/types"],
  "lib/observability": ["lib/types"],
  "lib/openapi": ["lib/errors", "lib/types", "lib/core/validation/writeInput"],
  "lib/idempotency": ["lib/core", "lib/kuzzle", "lib/errors", "lib/types"],
  "lib/api": [
    "lib/core",
    "lib/kuzzle",
    "lib/idempotency",
    "lib/observability",
    "lib/openapi",
    "lib/errors",
    "lib/limits",
    "lib/types",
  ],
  // each compatibility API stands on the plugin's own, and on no other
  ...Object.fromEntries(
    ["kuzzle1", "mixpeek", "native"].map((api) => [
      `lib/compat/${api}`,
      [
        "lib/api",
        "lib/core",
        "lib/kuzzle",
        "lib/observability",
        "lib/openapi",
        "lib/errors",
        "lib/types",
      ],
    ]),
  ),
  "lib/BatchPlugin": ["lib"],
  // the client is for browsers: of the core, what needs no Node
  client: [
    "lib/types",
    "lib/core/groupBy",
    "lib/core/planning/ChunkFiller",
    "lib/core/retry/Backoff",
  ],
  // a row is checked as the server does
  bin: ["client", "lib/types", "lib/core/validation/(jsonObject|JsonScanner)"],
  bench: ["client", "lib/types", "scripts"],
};

const OURS = "^(index|lib|client|bin|bench|scripts|docker|features|test)";

/** A file or a folder of this name. */
function pathOf(place) {
  return `^${place}(\\.m?ts$|/)`;
}

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circle",
      from: {},
      to: { circular: true },
    },
    ...Object.entries(MAY_IMPORT).map(([place, allowed]) => ({
      name: `imports-of-${place}`,
      from: { path: pathOf(place) },
      to: { path: OURS, pathNot: [place, ...allowed].map(pathOf) },
    })),
    {
      name: "core-is-pure",
      comment:
        "The core knows neither Kuzzle nor HTTP nor the engine's client.",
      from: { path: pathOf("lib/core") },
      to: {
        path: [
          "^(kuzzle|kuzzle-sdk|sdk-es\\d|prom-client|@opentelemetry/api)(/|$)",
          "^node_modules/(kuzzle|kuzzle-sdk|sdk-es\\d|prom-client|@opentelemetry/api)/",
          "^(node:)?https?$",
        ],
      },
    },
  ].map((rule) => ({ severity: "error", ...rule })),
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.dev.json" },
  },
};
