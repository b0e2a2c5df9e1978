/** Programs in the documentation: compiled, and run in this process. */
import { createRequire } from "node:module";
import path from "node:path";
import { format } from "node:util";

import * as sdk from "kuzzle-sdk";
import ts from "typescript";

import * as client from "../../../client/index";
import { environment } from "../../../features/support/environment";
import { matches } from "./compare";
import { type Block, ROOT } from "./markdown";

const PATIENCE_MS = 15_000;

/** A Kuzzle application: only its types are checked; the features run a similar one. */
export function isApplication(text: string): boolean {
  return /from ["']kuzzle["']|require\(["']kuzzle["']\)/.test(text);
}

/** What is logged, and what the comment on the same line says. */
interface Logged {
  readonly line: number;
  readonly text: string;
}

/**
 * Runs a program with `kuzzle` (connected, logged in) and `batch`.
 *
 * @throws if the program does, or if it logs something other than its comments say
 */
export async function runProgram(block: Block, jwt: string): Promise<void> {
  const opened: sdk.Kuzzle[] = [];
  const logged: Logged[] = [];
  const program = compile(block.text);
  const kuzzle = new sdk.Kuzzle(new (redirected(sdk.WebSocket))("localhost"));
  opened.push(kuzzle);
  try {
    if (program.needsKuzzle) {
      await kuzzle.connect();
      kuzzle.jwt = jwt;
    }
    const main = load(program.code, (name) => moduleNamed(name, opened));
    await withPatience(
      main(
        kuzzle,
        declares(block.text, "batch") ? undefined : client.useBatch(kuzzle),
        (line: number) =>
          (...values: unknown[]) => {
            logged.push({ line, text: format(...values) });
          },
      ),
    );
  } finally {
    opened.forEach((each) => each.disconnect());
  }
  const wrong = program.expected.filter(
    ({ line, text }) =>
      !logged.some((each) => each.line === line && matches(each.text, text)),
  );
  if (wrong.length > 0) {
    const said = wrong.map(({ line, text }) => {
      const was = logged
        .filter((each) => each.line === line)
        .map((each) => each.text);
      return `${block.file}:${block.line + line} says "${text}", logged was ${JSON.stringify(was)}`;
    });
    throw new Error(said.join("\n"));
  }
}

type Main = (
  kuzzle: sdk.Kuzzle,
  batch: client.BatchDocumentsController | undefined,
  log: unknown,
) => Promise<void>;

/** Imports first, the rest in a function; `console.log` reports its line. */
function compile(text: string): {
  code: string;
  expected: Logged[];
  needsKuzzle: boolean;
} {
  const source = ts.createSourceFile(
    "snippet.ts",
    text,
    ts.ScriptTarget.ES2022,
    true,
  );
  const imports = source.statements
    .filter(ts.isImportDeclaration)
    .map((each) => each.getText());
  const expected: Logged[] = [];
  const edits: { from: number; to: number; text: string }[] = source.statements
    .filter(ts.isImportDeclaration)
    .map((each) => ({ from: each.getStart(), to: each.getEnd(), text: "" }));
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      /^console\.(log|error|warn)$/.test(node.expression.getText())
    ) {
      const line = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const comment = /^\)?;?\s*\/\/ (.+)$/m.exec(
        text.slice(node.getEnd()).split("\n")[0] ?? "",
      );
      if (comment?.[1] !== undefined) expected.push({ line, text: comment[1] });
      edits.push({
        from: node.expression.getStart(),
        to: node.expression.getEnd(),
        text: `$log(${line})`,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  let body = text;
  for (const { from, to, text: replacement } of edits.sort(
    (a, b) => b.from - a.from,
  )) {
    body = body.slice(0, from) + replacement + body.slice(to);
  }
  const { outputText } = ts.transpileModule(
    `${imports.join("\n")}\nexport async function main(${parametersFor(text)}) {\n${body}\n}`,
    {
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
      },
    },
  );
  return { code: outputText, expected, needsKuzzle: !declares(text, "kuzzle") };
}

function parametersFor(text: string): string {
  const names = ["kuzzle", "batch"].map((name) =>
    declares(text, name) ? `_${name}` : name,
  );
  return [...names, "$log"].map((name) => `${name}: any`).join(", ");
}

export function declares(text: string, name: string): boolean {
  return new RegExp(`^(?:const|let) ${name}\\b`, "m").test(text);
}

function load(code: string, need: (name: string) => unknown): Main {
  const module = { exports: {} as { main: Main } };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function("require", "module", "exports", code) as (
    ...args: unknown[]
  ) => void;
  run(need, module, module.exports);
  return module.exports.main;
}

const fromRoot = createRequire(path.join(ROOT, "package.json"));

function moduleNamed(name: string, opened: sdk.Kuzzle[]): unknown {
  if (name === "kuzzle-plugin-batch/client") return client;
  if (name !== "kuzzle-sdk") return fromRoot(name);
  class Kuzzle extends sdk.Kuzzle {
    constructor(...args: ConstructorParameters<typeof sdk.Kuzzle>) {
      super(...args);
      opened.push(this);
    }
  }
  return {
    ...sdk,
    Kuzzle,
    WebSocket: redirected(sdk.WebSocket),
    Http: redirected(sdk.Http),
  };
}

/** Connects to the Kuzzle under test, whatever the host shown. */
function redirected<P extends typeof sdk.WebSocket | typeof sdk.Http>(
  Protocol: P,
): P {
  const { kuzzleHost, kuzzlePort } = environment;
  return new Proxy(Protocol, {
    construct: (target, [, options]: [string, object?]) =>
      new (target as typeof sdk.WebSocket)(kuzzleHost, {
        ...options,
        port: kuzzlePort,
      }),
  });
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error("the program does not end")),
      PATIENCE_MS,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
