/**
 * The vocabulary of the project: if the field has a word, no other is used for it in code,
 * documentation and test titles.
 *
 *   npx tsx scripts/checks/words.ts
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../stack/paths";

const PLACES = [
  ...["lib", "client", "bin", "doc", "features", "test"],
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
];

/** In tests, only titles are checked. */
const TESTS = /^test\/|^features\/.*\.ts$/;
const TITLE = /\b(?:it|describe)\(/;

interface Word {
  readonly say: string;
  readonly not: RegExp;
  /** file and line where the word has another meaning */
  readonly but?: RegExp;
}

/** In the order of the table in the design. */
const WORDS: readonly Word[] = [
  { say: "native request, native events", not: /twins?/ },
  {
    say: "sendWithRetries, item result",
    not: /settles?|settled|settling/,
    // promises are settled in JavaScript itself
    but: /allSettled|promise|^bin\/load\/pump|^bin\/output\/LineSink|^client\/write\/writer\//,
  },
  { say: "retry after rejection", not: /patiently/ },
  { say: "read hooks, write hooks", not: /guards?|guarded/ },
  {
    say: "requested document, document read",
    not: /questions?|look-?ups?|told/,
    // names on the wire, and what a person is asked on a terminal
    but: /lookups|[mM]axLookups|isTooManyLookups|told (?:apart|otherwise)|^bin\/output\/ask/,
  },
  { say: "request stats", not: /tall(?:y|ies)/ },
  { say: "validation error, validate", not: /defects?|defective|pre-?flight/ },
  {
    say: "rollback, restore, discard",
    not: /undo(?:es|ne|ing)?|puts? back|g[ai]ven? up|gives? up|withdraws?|withdrawn/,
  },
  {
    say: "modified concurrently, not written, maybe in flight",
    not: /foreign|unwritten|in ?[dD]oubt|fates?/,
  },
  {
    say: "raw response, pre-serialized response",
    not: /bareAnswer|writtenAnswer|directAnswer/,
  },
  // names on the wire stay: batch.write.refused, and the metric's label
  {
    say: "rejected, invalid, final",
    not: /refus(?:e|es|ed|ing|als?)/,
    but: /batch\.\S+\.refused|"refused"|^doc\/1\/operations\/metrics|refusedError|refused(?::| =)|connection is refused/,
  },
  { say: "compatibility API", not: /dialects?/ },
  {
    say: "request sender, error classifier, result collector",
    not: /couriers?|verdicts?|ledgers?/,
  },
  {
    say: "connection lost, silently, limitations, fix",
    not: /(?:connection|the line) (?:breaks|broke)|in silence|holes?|mend(?:s|ed|ing)?/,
  },
];

export interface Finding {
  readonly line: number;
  readonly found: string;
  readonly say: string;
}

/** The words in a file to be replaced, including those in identifiers. */
export function wordProblems(file: string, text: string): Finding[] {
  return text.split("\n").flatMap((content, index) =>
    (TESTS.test(file) && !TITLE.test(content) ? [] : WORDS).flatMap(
      ({ say, not, but }) => {
        const found = anywhere(not).exec(content)?.[0];
        return found === undefined || but?.test(`${file}: ${content}`)
          ? []
          : [{ line: index + 1, found, say }];
      },
    ),
  );
}

/** Matches a whole word, or a part of a name such as `openTallyOf`. */
function anywhere({ source }: RegExp): RegExp {
  const words = `(?:${source})`;
  const capitalized = source.replace(
    /(^|\||\(\?:)([a-z])/g,
    (_, before: string, first: string) => before + first.toUpperCase(),
  );
  return new RegExp(
    `(?<![A-Za-z])${words}(?![a-z])|(?:${capitalized})(?![a-z])`,
  );
}

function main(): void {
  const files = execFileSync("git", ["ls-files", ...PLACES], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => /\.(?:ts|md|feature)$/.test(file));
  const problems = files.flatMap((file) =>
    wordProblems(file, readFileSync(path.join(ROOT, file), "utf8")).map(
      ({ line, found, say }) => `${file}:${line}: "${found}": say ${say}`,
    ),
  );
  problems.forEach((problem) => console.error(problem));
  console.log(`${files.length} files, ${problems.length} words to replace`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (require.main === module) {
  main();
}
