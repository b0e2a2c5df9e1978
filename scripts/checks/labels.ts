/**
 * The contract's lines have labels, and the title of a test names the lines that it
 * guards: "… [W2]". This check lists the labels that no test names, and fails for
 *
 * - a title with a label that does not exist,
 * - a delivered label that no test names (any more),
 * - a list of labels that differs from the contract, if the contract lies next to the
 *   clone.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

const root = path.resolve(__dirname, "../..");
const contract = path.resolve(root, "../shared/design/contract.md");

export interface Labels {
  /** Each label of the contract with a short description. */
  readonly labels: Readonly<Record<string, string>>;
  /** The labels that must have a test. */
  readonly delivered: readonly string[];
}

export interface Title {
  readonly file: string;
  readonly text: string;
}

export interface Verdict {
  readonly problems: string[];
  /** Labels that no test names, and that do not need one yet. */
  readonly unguarded: string[];
}

/** The labels in a text, in "[W2]" as well as in "[R1, R3]". */
export function labelsIn(text: string): string[] {
  return [...text.matchAll(/\[([A-Z]\d+(?:, ?[A-Z]\d+)*)\]/g)].flatMap(
    ([, list]) => (list ?? "").split(/, ?/),
  );
}

/** The labels that the contract sets in bold at the start of a line. */
export function contractLabels(markdown: string): string[] {
  return [...markdown.matchAll(/^(?:- )?\*\*([A-Z]\d+)\b/gm)].map(
    ([, label]) => label ?? "",
  );
}

/**
 * Titles of the tests in a mocha file, each with the titles of its groups: a group's
 * label counts if the group has a test.
 */
export function mochaTitles(file: string, source: string): Title[] {
  const titles: Title[] = [];
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);

  const visit = (node: ts.Node, around: string): void => {
    let title = around;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const own = node.arguments[0]?.getText() ?? "";
      const { text } = node.expression;
      if (text === "describe" || text === "context") {
        title = `${around} ${own}`;
      } else if (text === "it" || text === "specify") {
        titles.push({ file, text: `${around} ${own}`.trim() });
      }
    }
    ts.forEachChild(node, (child) => visit(child, title));
  };

  visit(tree, "");
  return titles;
}

/** Titles of the scenarios in a feature file. */
export function featureTitles(file: string, source: string): Title[] {
  return [
    ...source.matchAll(
      /^\s*(?:Scenario|Scenario Outline|Scenario Template|Example): *(.*)$/gm,
    ),
  ].map(([, text]) => ({ file, text: text ?? "" }));
}

export function judge(
  { labels, delivered }: Labels,
  titles: readonly Title[],
  contractText?: string,
): Verdict {
  const problems: string[] = [];
  const guarded = new Set<string>();

  for (const { file, text } of titles) {
    for (const label of labelsIn(text)) {
      guarded.add(label);
      if (!(label in labels)) {
        problems.push(`${file}: unknown label ${label} in "${text}"`);
      }
    }
  }

  for (const label of delivered) {
    if (!(label in labels)) {
      problems.push(`delivered names an unknown label: ${label}`);
    } else if (!guarded.has(label)) {
      problems.push(`no test names ${label} (${labels[label]})`);
    }
  }

  if (contractText !== undefined) {
    const wanted = contractLabels(contractText);
    for (const label of wanted.filter((one) => !(one in labels))) {
      problems.push(`the contract has ${label}, contract-labels.json does not`);
    }
    for (const label of Object.keys(labels)) {
      if (!wanted.includes(label)) {
        problems.push(
          `contract-labels.json has ${label}, the contract does not`,
        );
      }
    }
  }

  return {
    problems,
    unguarded: Object.keys(labels).filter(
      (label) => !guarded.has(label) && !delivered.includes(label),
    ),
  };
}

function titlesUnder(
  folder: string,
  suffix: string,
  read: (file: string, source: string) => Title[],
): Title[] {
  const from = path.join(root, folder);
  if (!existsSync(from)) {
    return [];
  }
  return readdirSync(from, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(suffix))
    .sort()
    .flatMap((file) =>
      read(
        path.join(folder, file),
        readFileSync(path.join(from, file), "utf8"),
      ),
    );
}

function main(): void {
  const labels = JSON.parse(
    readFileSync(path.join(__dirname, "contract-labels.json"), "utf8"),
  ) as Labels;
  const { problems, unguarded } = judge(
    labels,
    [
      ...titlesUnder("test", ".test.ts", mochaTitles),
      ...titlesUnder("features", ".feature", featureTitles),
    ],
    existsSync(contract) ? readFileSync(contract, "utf8") : undefined,
  );

  for (const label of unguarded) {
    console.log(`not yet guarded: ${label}  ${labels.labels[label] ?? ""}`);
  }
  for (const problem of problems) {
    console.error(problem);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (require.main === module) {
  main();
}
