/** The documentation as tests see it: pages, sections, fenced blocks. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const ROOT = path.resolve(__dirname, "../../..");

/** What a page tells only the tests, in comments: `<!-- test: name rest -->`. */
export interface Directive {
  readonly name: string;
  readonly rest: string;
}

export interface Block {
  /** relative to the clone */
  readonly file: string;
  /** the first line of the block's text, from 1 */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** the directives directly above the block */
  readonly directives: readonly Directive[];
  /** the section of the page, as a count of headings */
  readonly section: number;
}

export interface Page {
  readonly file: string;
  /** the directives of the whole page: those that are not above a block */
  readonly directives: readonly Directive[];
  readonly blocks: readonly Block[];
}

/** For blocks and pages: see PageRun and Fixture. */
const KNOWN = new Set([
  ...["body", "of", "figures", "fails"],
  ...["seed", "where", "leaves"],
]);

const DIRECTIVE = /<!-- test: (\w+)\s?([\s\S]*?)\s*-->/g;

/** README.md and every page in doc, relative to the clone. */
export function pageFiles(): string[] {
  const inDoc = readdirSync(path.join(ROOT, "doc"), {
    recursive: true,
    encoding: "utf8",
  });
  return [
    "README.md",
    ...inDoc
      .filter((file) => file.endsWith(".md"))
      .map((file) => path.join("doc", file))
      .sort(),
  ];
}

export function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

export function readPage(file: string, text = textOf(file)): Page {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let prose: string[] = [];
  let pageProse = "";
  let section = 0;

  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const fence = /^( *)```\s*(\S*)/.exec(line);
    if (fence === null) {
      if (/^#{1,4} /.test(line)) section++;
      prose.push(line);
      continue;
    }
    const [, indent = "", language = ""] = fence;
    const end = lines.indexOf(`${indent}\`\`\``, i + 1);
    if (end < 0) throw new Error(`${file}:${i + 1}: the block has no end`);
    const above = directivesAtEnd(prose.join("\n"));
    pageProse += `${above.before}\n`;
    blocks.push({
      file,
      line: i + 2,
      language,
      text: lines
        .slice(i + 1, end)
        .map((each) => each.slice(indent.length))
        .join("\n"),
      directives: above.directives,
      section,
    });
    prose = [];
    i = end;
  }
  return {
    file,
    directives: readDirectives(pageProse + prose.join("\n")),
    blocks,
  };
}

/** Comments directly above a block are the block's own. */
function directivesAtEnd(prose: string): {
  before: string;
  directives: Directive[];
} {
  const own = /(?:<!-- test: (?:(?!-->)[\s\S])*-->\s*)+$/.exec(prose);
  return own === null
    ? { before: prose, directives: [] }
    : {
        before: prose.slice(0, own.index),
        directives: readDirectives(own[0]),
      };
}

function readDirectives(prose: string): Directive[] {
  return [...prose.matchAll(DIRECTIVE)].map(([all, name = "", rest = ""]) => {
    if (!KNOWN.has(name)) throw new Error(`Nothing is known of ${all}`);
    return { name, rest };
  });
}
