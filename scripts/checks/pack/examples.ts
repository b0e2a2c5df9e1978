/** The documentation's programs of the client, as their readers would save and run them. */
import ts from "typescript";

import { pageFiles, readPage } from "../../../test/integration/docs/markdown";

export interface Example {
  /** of the page and the line, fit for a file: `doc-1-guides-client-29` */
  readonly name: string;
  readonly text: string;
  /** whether it is a program of its own: it opens a connection */
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
 * What can be run of it where no Kuzzle is: of a program, all before it first waits;
 * of a part of one, what it imports.
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

/** As an ES module: without its types. */
export function asModule(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  }).outputText;
}

/** As the pages say for CommonJS: each import is a require. */
export function asCommonJs(text: string): string {
  return asModule(text).replace(
    /^import (\w+|\{[^}]*\}) from ("[^"]+");$/gm,
    "const $1 = require($2);",
  );
}
