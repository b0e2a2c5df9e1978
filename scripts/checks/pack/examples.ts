/** The client programs in the documentation, as readers would save and run them. */
import ts from "typescript";

import { pageFiles, readPage } from "../../../test/integration/docs/markdown";

export interface Example {
  /** page and line, as a file name: `doc-1-guides-client-29` */
  readonly name: string;
  readonly text: string;
  /** whether it is a complete program: one that opens a connection */
  readonly isWhole: boolean;
}

const OURS = /from "(?:kuzzle-sdk|kuzzle-plugin-batch\/client)"/;

/** Every block of the documentation that imports the client or the SDK. */
export function clientExamples(): Example[] {
  return pageFiles()
    .flatMap((file) => readPage(file).blocks)
    .filter(({ text }) => OURS.test(text))
    .map(({ file, line, text }) => ({
      name: `${file.replace(/(?:\/index)?\.md$/, "").replace(/\W+/g, "-")}-${line}`,
      text,
      isWhole: text.includes('from "kuzzle-sdk"'),
    }));
}

/**
 * What can run without Kuzzle: of a program, everything before its first await; of a
 * fragment, its imports.
 */
export function beginningOf({ text, isWhole }: Example): string {
  const source = ts.createSourceFile("e.mts", text, ts.ScriptTarget.ES2022);
  const { statements } = source;
  const waits = statements.findIndex((each) =>
    each.getText(source).includes("await "),
  );
  const begun = isWhole
    ? statements.slice(0, waits < 0 ? undefined : waits)
    : statements.filter(ts.isImportDeclaration);
  return begun.map((each) => each.getText(source)).join("\n");
}

/** As an ES module: without types. */
export function asModule(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  }).outputText;
}

/** As the pages describe it for CommonJS: each import is a require. */
export function asCommonJs(text: string): string {
  return asModule(text).replace(
    /^import (\w+|\{[^}]*\}) from ("[^"]+");$/gm,
    "const $1 = require($2);",
  );
}
