/** Compiles all programs of the documentation at once. */
import path from "node:path";

import ts from "typescript";

import { readLiteral } from "./literal";
import { type Block, type Page, ROOT } from "./markdown";
import { declares, isApplication } from "./programs";

const OPTIONS: ts.CompilerOptions = {
  ...{ noEmit: true, strict: true, skipLibCheck: true, esModuleInterop: true },
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.asynciterable.d.ts"],
  types: ["node"],
  paths: {
    "kuzzle-plugin-batch": [path.join(ROOT, "index.mts")],
    "kuzzle-plugin-batch/client": [path.join(ROOT, "client/index.ts")],
  },
};

/** @returns the errors, with `file:line` */
export function typeProblems(pages: readonly Page[]): string[] {
  const sources = new Map<string, { block: Block; text: string }>();
  for (const page of pages) {
    for (const block of page.blocks.filter(isTyped)) {
      const name = path.join(
        ROOT,
        "test/integration/docs",
        `${block.file.replace(/\W/g, "-")}-${block.line}.mts`,
      );
      sources.set(name, {
        block,
        text: `${prelude(block.text)} export {};\n${block.text}\n`,
      });
    }
  }
  const host = ts.createCompilerHost(OPTIONS);
  const onDisk = { ...host };
  host.readFile = (name) => sources.get(name)?.text ?? onDisk.readFile(name);
  host.fileExists = (name) => sources.has(name) || onDisk.fileExists(name);
  host.getSourceFile = (name, options) => {
    const own = sources.get(name)?.text;
    return own === undefined
      ? onDisk.getSourceFile(name, options)
      : ts.createSourceFile(name, own, options);
  };
  const program = ts.createProgram([...sources.keys()], OPTIONS, host);
  return [...sources].flatMap(([name, { block }]) =>
    problemsIn(program, name).map(
      ({ line, text }) => `${block.file}:${block.line + line - 1} ${text}`,
    ),
  );
}

function isTyped({ language, text }: Block): boolean {
  return language === "ts" && readLiteral(text) === undefined;
}

function prelude(text: string): string {
  if (isApplication(text)) return "";
  return [
    declares(text, "kuzzle")
      ? ""
      : `declare const kuzzle: import("kuzzle-sdk").Kuzzle;`,
    declares(text, "batch")
      ? ""
      : `declare const batch: import("kuzzle-plugin-batch/client").BatchDocumentsController;`,
  ].join(" ");
}

function problemsIn(
  program: ts.Program,
  name: string,
): { line: number; text: string }[] {
  const source = program.getSourceFile(name);
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ start = 0, messageText }) => ({
      line: source?.getLineAndCharacterOfPosition(start).line ?? 0,
      text: ts.flattenDiagnosticMessageText(messageText, " "),
    }));
}
