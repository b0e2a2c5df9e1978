import js from "@eslint/js";
import tseslint from "typescript-eslint";

/*
 * Which way imports may go (one way through the house, no doors back):
 *
 *   index → lib/BatchPlugin → { lib/config, lib/metrics, lib/api, lib/storage }
 *   lib/api → lib/operations → lib/storage/DocumentStore, JournalStore (the interfaces)
 *   client, bin, bench → lib/types
 *
 * The composition root also makes what the operations share on one node
 * (lib/operations/engine) and hands it on, and starts the recovery of atomic
 * batches (lib/operations/atomic/recovery).
 *
 * Anyone may import lib/types, which imports nothing of lib. lib/errors is the
 * error table as Kuzzle's error classes: everything that speaks to Kuzzle may
 * import it, the operations, which know nothing of Kuzzle, may not.
 *
 * The core rule sees the text of an import and not the file it leads to, so a
 * room is told by its name as a part of a path that goes up and out ("../").
 */

const top = ["BatchPlugin", "config", "metrics"];
const outside = [
  "index",
  "client",
  "bin",
  "bench",
  "docker",
  "test",
  "features",
];

/** A relative import that has one of these names among the parts of its path. */
function rooms(up, names) {
  return `^${up}(?:.*/)?(?:${names.join("|")})(?:/|\\.[cm]?[jt]s$|$)`;
}

/** From a file in lib itself: "./storage/Elasticsearch" and detours to it. */
const beside = (...names) => rooms("\\.{1,2}/", names);

/** From a file in a folder of lib: "../storage/Elasticsearch". */
const above = (...names) => rooms("(?:\\./)*\\.\\./", names);

/** Kuzzle, the engine's clients, and HTTP: what pure code does without. */
const kuzzle = "^(?:kuzzle|kuzzle-sdk)(?:/|$)";
const engine = "^(?:@elastic/|sdk-es\\d|elasticsearch)";
const http = "^(?:node:)?(?:https?|http2|net|tls)$|^(?:undici|axios|ws|mqtt)$";

function direction(files, ...forbidden) {
  return {
    files,
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: forbidden.map(([regex, message]) => ({ regex, message })),
        },
      ],
    },
  };
}

const outOfLib = [above(...outside), "lib imports nothing outside of lib."];
const plainData = [
  [kuzzle, "lib/types is plain data."],
  [engine, "lib/types is plain data."],
];

const onlyTypesOfLib = [
  "^\\.{1,2}/(?:.*/)?lib(?:/(?!types(?:/|\\.[cm]?[jt]s$|$))|$)",
  "Of lib, only lib/types may be imported here.",
];
const notTheServer = [
  "^(?:\\./)*\\.\\.(?:/\\.\\.)*(?:/index(?:\\.[cm]?[jt]s)?|/)?$",
  "The plugin's front door is for the server.",
];

const directions = [
  direction(
    ["index.ts", "index.mts"],
    [
      "^\\./lib(?:/(?!(?:BatchPlugin|types)(?:/|\\.[cm]?[jt]s$|$))|$)",
      "The front door exports lib/BatchPlugin (and lib/types), nothing else.",
    ],
  ),
  direction(
    ["lib/types.ts"],
    ["^\\.", "lib/types imports nothing of lib."],
    ...plainData,
  ),
  // Should it grow into a folder, its files may import each other.
  direction(
    ["lib/types/**"],
    ["^\\.\\./", "lib/types imports nothing of lib."],
    ...plainData,
  ),
  direction(["lib/BatchPlugin.ts"], outOfLib, [
    "^\\.{1,2}/(?:.*/)?operations(?:/(?!(?:engine|atomic/recovery)(?:\\.[cm]?[jt]s)?$)|$)",
    "The composition root builds the engine and starts recovery; the operations are reached through lib/api.",
  ]),
  direction(
    ["lib/config.ts", "lib/metrics.ts", "lib/errors.ts"],
    outOfLib,
    [
      beside("BatchPlugin", "api", "operations", "storage"),
      "This file is below the rooms of lib and imports none of them.",
    ],
    [
      beside("config", "metrics"),
      "lib/config, lib/metrics and lib/errors do not need each other.",
    ],
  ),
  direction(["lib/api/**"], outOfLib, [
    above(...top, "storage"),
    "lib/api is given its parts by lib/BatchPlugin; it imports lib/operations, lib/errors and lib/types.",
  ]),
  direction(
    ["lib/operations/**"],
    outOfLib,
    [
      above(...top, "api", "errors"),
      "lib/operations is plain data in, plain data out; it imports lib/types and the interface lib/storage/DocumentStore.",
    ],
    [
      "^(?:\\./)*\\.\\./(?:.*/)?storage(?:/(?!(?:Document|Journal)Store(?:\\.[cm]?[jt]s)?$)|$)",
      "The operations see only the interface of the storage.",
    ],
    [kuzzle, "The operations know nothing of Kuzzle."],
    [engine, "The operations know nothing of the engine's client."],
    [http, "The operations know nothing of HTTP."],
  ),
  direction(
    ["lib/storage/**"],
    outOfLib,
    [
      above(...top, "api"),
      "lib/storage is given its parts by lib/BatchPlugin; it imports lib/errors and lib/types.",
    ],
    [
      "^(?:\\./)*\\.\\./(?:.*/)?operations(?:/(?!DocumentStore(?:\\.[cm]?[jt]s)?$)|$)",
      "lib/storage implements the interface and does not call the operations.",
    ],
  ),
  direction(
    ["client/**"],
    onlyTypesOfLib,
    notTheServer,
    [
      "^\\.\\./(?:.*/)?(?:bin|bench|docker|test|features)(?:/|$)",
      "The client is published by itself.",
    ],
    ["^kuzzle(?:/|$)", "The client has no server code in it."],
    [engine, "The client does not know the engine."],
  ),
  direction(["bin/**", "bench/**"], onlyTypesOfLib, notTheServer),
];

export default tseslint.config(
  {
    ignores: ["dist/**", "coverage/**", ".stack/**", "node_modules/**"],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.mts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.dev.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: "error",
      // Taking a key out of an object by naming it is a use.
      "@typescript-eslint/no-unused-vars": [
        "error",
        { ignoreRestSiblings: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An interface that answers a promise may be met without waiting.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    // What the direction rules could not see is not used at all.
    files: ["index.ts", "index.mts", "lib/**/*.ts", "client/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportExpression, TSImportType",
          message: "Import at the top, where the direction is checked.",
        },
      ],
    },
  },
  ...directions,
  {
    // Answers of a server and doubles of Kuzzle are looked at key by key here.
    files: ["test/**/*.ts", "features/**/*.ts", "docker/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-explicit-any": "off",
    },
  },
  {
    // The launcher's first file runs before anything is installed.
    files: ["**/*.js", "**/*.cjs"],
    languageOptions: {
      sourceType: "commonjs",
      globals: {
        require: "readonly",
        module: "writable",
        process: "readonly",
        console: "readonly",
        Buffer: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        __dirname: "readonly",
        __filename: "readonly",
      },
    },
  },
);
