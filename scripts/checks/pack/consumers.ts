/** Programs that use the package, as its users would write them. */
import { writeFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

import { asCommonJs, asModule, beginningOf, clientExamples } from "./examples";
import { type InstalledPackage, run } from "./pack";

/** What is loaded must be what its name says. */
const COMMON_JS = `
const assert = require("node:assert");
const Plugin = require("kuzzle-plugin-batch");
const { BatchPlugin } = require("kuzzle-plugin-batch");
const { BatchDocumentsController, BatchError } = require("kuzzle-plugin-batch/client");
assert.equal(Plugin, BatchPlugin);
assert.equal(Plugin.default, BatchPlugin);
assert.ok(new BatchPlugin() instanceof require("kuzzle").Plugin);
// a plugin that is a folder in Kuzzle's plugins/enabled
assert.ok(new (require("./node_modules/kuzzle-plugin-batch"))() instanceof BatchPlugin);
assert.equal(typeof BatchDocumentsController, "function");
assert.ok(BatchError.prototype instanceof Error);
assert.equal(require("kuzzle-plugin-batch/manifest.json").name, "batch");
assert.match(require("kuzzle-plugin-batch/package.json").version, /^\\d/);
assert.throws(() => require("kuzzle-plugin-batch/dist/lib/config"), /not defined by "exports"/);
`;

const ES_MODULE = `
import assert from "node:assert";
import { createRequire } from "node:module";
import Default, { BatchPlugin } from "kuzzle-plugin-batch";
import { BatchDocumentsController } from "kuzzle-plugin-batch/client";
const require = createRequire(import.meta.url);
assert.equal(Default, BatchPlugin);
assert.equal(BatchPlugin, require("kuzzle-plugin-batch"));
assert.equal(BatchDocumentsController, require("kuzzle-plugin-batch/client").BatchDocumentsController);
`;

/** A program that uses the SDK without Kuzzle. */
const CLIENT_ALONE = `
require("node:assert").throws(() => require("kuzzle"), /Cannot find module/);
const { Kuzzle, Http } = require("kuzzle-sdk");
const { BatchDocumentsController } = require("kuzzle-plugin-batch/client");
const kuzzle = new Kuzzle(new Http("localhost"));
kuzzle.useController(BatchDocumentsController, "batch");
require("node:assert").ok(kuzzle.batch instanceof BatchDocumentsController);
`;

export function loadProblems({ application }: InstalledPackage): string[] {
  return problemsOf([
    ["require()", () => runProgram(application, "load.cjs", COMMON_JS)],
    ["import", () => runProgram(application, "load.mjs", ES_MODULE)],
  ]);
}

/** @param installed without Kuzzle */
export function clientProblems({ application }: InstalledPackage): string[] {
  return problemsOf([
    [
      "the client without Kuzzle",
      () => runProgram(application, "client.cjs", CLIENT_ALONE),
    ],
    ...clientExamples().flatMap((example) => {
      const begun = beginningOf(example);
      return [
        tryOut(application, `${example.name}.mjs`, asModule(begun)),
        tryOut(application, `${example.name}.cjs`, asCommonJs(begun)),
      ];
    }),
  ]);
}

function tryOut(application: string, name: string, text: string) {
  return [name, () => runProgram(application, name, text)] as const;
}

/** @param installed with no peers, as by `npm install --global` */
export function commandProblems({
  manifest,
  folder,
}: InstalledPackage): string[] {
  return problemsOf(
    Object.entries(manifest.bin).map(([name, file]) => [
      name,
      () => assertVersion(path.join(folder, file), manifest.version),
    ]),
  );
}

function problemsOf(
  tries: ReadonlyArray<readonly [what: string, attempt: () => void]>,
): string[] {
  return tries.flatMap(([what, attempt]) => {
    try {
      attempt();
      return [];
    } catch (error) {
      return [`${what}: ${(error as Error).message}`];
    }
  });
}

function runProgram(application: string, name: string, text: string): void {
  writeFileSync(path.join(application, name), text);
  run(process.execPath, [name], application);
}

function assertVersion(file: string, version: string): void {
  const output = run(process.execPath, [file, "--version"]);
  if (output.trim() !== version) {
    throw new Error(`--version says ${output}`);
  }
}

// ------------------------------------------------------------------ types

const SERVER_TYPES = `
import Default, { BatchPlugin, type BatchPluginConfig, type FoundDocument } from "kuzzle-plugin-batch";
import { Backend } from "kuzzle";
const app = new Backend("typed");
const config: BatchPluginConfig = { maxRetries: 1, compat: { kuzzle1: false } };
app.config.set("plugins.batch", config);
app.plugin.use(new BatchPlugin());
new Default();
export const id = (document: FoundDocument): string => document._id;
// @ts-expect-error it takes nothing
new BatchPlugin(1);
// @ts-expect-error there is no such setting
export const wrong: BatchPluginConfig = { maxRetrys: 1 };
`;

const COMMON_JS_TYPES = `
import batch = require("kuzzle-plugin-batch");
import { BatchPlugin } from "kuzzle-plugin-batch";
import { Backend } from "kuzzle";
new Backend("typed").plugin.use(new batch.BatchPlugin());
export const same: typeof BatchPlugin = batch.default;
// @ts-expect-error it takes nothing
new BatchPlugin(1);
`;

const CLIENT_TYPES = `
import { BatchDocumentsController, BatchError } from "kuzzle-plugin-batch/client";
import { Http, Kuzzle } from "kuzzle-sdk";
const kuzzle = new Kuzzle(new Http("localhost"));
kuzzle.useController(BatchDocumentsController, "batch");
const batch = kuzzle["batch"] as BatchDocumentsController;
export async function titles(): Promise<string[]> {
  const { documents } = await batch.batchGet<{ title: string }>("library", ["dune"]);
  // @ts-expect-error a title is text
  documents.map(({ _source }) => _source?.title.toFixed());
  return documents.map(({ _source }) => _source?.title ?? "");
}
export const isBatchError = (error: unknown): error is BatchError => error instanceof BatchError;
// @ts-expect-error the index is a text
void batch.batchGet(1, []);
`;

/** Named as in TypeScript's module resolution. */
const RESOLUTIONS: ReadonlyArray<{
  readonly title: string;
  readonly options: ts.CompilerOptions;
  readonly programs: Readonly<Record<string, string>>;
}> = [
  {
    title: "node16",
    options: {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
    },
    programs: {
      "server.mts": SERVER_TYPES,
      "server.cts": COMMON_JS_TYPES,
      "client.mts": CLIENT_TYPES,
      "client.cts": CLIENT_TYPES,
    },
  },
  {
    title: "nodenext",
    options: {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    },
    programs: Object.fromEntries(
      clientExamples()
        .filter(({ isWhole }) => isWhole)
        .map(({ name, text }) => [`${name}.mts`, text]),
    ),
  },
  {
    title: "bundler",
    options: {
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    },
    programs: { "server.ts": SERVER_TYPES, "client.ts": CLIENT_TYPES },
  },
  {
    // the default of "module": "commonjs", which many Kuzzle applications use
    title: "node10",
    options: {
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      esModuleInterop: true,
    },
    programs: { "old-server.ts": SERVER_TYPES, "old-client.ts": CLIENT_TYPES },
  },
];

export function typeProblems({ application }: InstalledPackage): string[] {
  return RESOLUTIONS.flatMap(({ title, options, programs }) => {
    const names = Object.entries(programs).map(([name, text]) => {
      const file = path.join(application, name);
      writeFileSync(file, text);
      return file;
    });
    const program = ts.createProgram(names, {
      target: ts.ScriptTarget.ES2022,
      strict: true,
      noEmit: true,
      types: ["node"],
      ...options,
    });
    return program
      .getSourceFiles()
      .filter((file) => isOurs(file, application))
      .flatMap((file) => ts.getPreEmitDiagnostics(program, file))
      .map(
        ({ file, messageText }) =>
          `${title}: ${path.relative(application, file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
      );
  });
}

/** Other packages' declarations may have errors of their own. */
function isOurs(file: ts.SourceFile, application: string): boolean {
  const inside = path.relative(application, file.fileName);
  return (
    !inside.startsWith("..") &&
    (!inside.startsWith("node_modules") ||
      inside.startsWith("node_modules/kuzzle-plugin-batch/"))
  );
}
