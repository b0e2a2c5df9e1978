/** The compiler's message about a wrong key is short and names the key. */
import path from "node:path";

import should from "should";
import ts from "typescript";

const FILE = path.join(__dirname, "wrong.ts");

/** Calls with one wrong key each. */
const WRONG = {
  includes: `batchGet("i", ["a"], { includes: ["t"] })`,
  refreshh: `mWrite("i", "c", [{ _id: "a", body: {} }], { refreshh: true })`,
  silentt: `mUpdate("i", "c", [{ _id: "a", body: {} }], { silentt: true })`,
  colection: `batchWrite("i", [{ delete: { _id: "a" } }], { colection: "c" })`,
  boddy: `mWrite("i", "c", [{ _id: "a", boddy: {} }])`,
  id: `mUpdate("i", "c", [{ id: "a", body: {} }])`,
  crate: `batchWrite("i", [{ crate: { _id: "a", body: {} } }])`,
  bdy: `batchWrite("i", [{ create: { _id: "a", bdy: {} } }])`,
};

/** For an action with two signatures, the compiler names the key for each. */
const MAX_LINES = 5;
const MAX_CHARACTERS = 800;

describe("the compiler's errors for a wrong key", function () {
  this.timeout(120_000);
  const messages = new Map<number, string>();
  before(() => {
    for (const { start = 0, file, messageText } of diagnostics()) {
      const { line } = (file as ts.SourceFile).getLineAndCharacterOfPosition(
        start,
      );
      messages.set(line, ts.flattenDiagnosticMessageText(messageText, "\n"));
    }
  });

  Object.keys(WRONG).forEach((key, i) => {
    it(`names ${key}, and is short`, () => {
      const message = messages.get(HEAD.length + i) ?? "";
      should(message).match(new RegExp(`'${key}' does not exist`));
      should(message.split("\n").length).be.belowOrEqual(MAX_LINES, message);
      should(message.length).be.belowOrEqual(MAX_CHARACTERS, message);
    });
  });
});

const HEAD = [
  'import type { BatchDocumentsController } from "../../../client/index";',
  "declare const batch: BatchDocumentsController;",
];

function diagnostics(): readonly ts.Diagnostic[] {
  const calls = Object.values(WRONG).map((call) => `void batch.${call};`);
  const text = [...HEAD, ...calls].join("\n");
  const options: ts.CompilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true },
    esModuleInterop: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  host.fileExists = (name) => name === FILE || onDisk.fileExists(name);
  host.getSourceFile = (name, how) =>
    name === FILE
      ? ts.createSourceFile(name, text, how)
      : onDisk.getSourceFile(name, how);
  const program = ts.createProgram([FILE], options, host);
  return program.getSemanticDiagnostics(program.getSourceFile(FILE));
}
