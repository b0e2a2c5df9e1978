import { existsSync } from "node:fs";
import path from "node:path";

import should from "should";

import { pageFiles, ROOT, textOf } from "../../integration/docs/markdown";

interface Link {
  readonly file: string;
  readonly line: number;
  readonly target: string;
  readonly anchor: string | undefined;
}

function linksIn(file: string, text: string): Link[] {
  return text.split("\n").flatMap((each, i) =>
    [...each.matchAll(/\]\((?![a-z]+:)([^)#]*)(?:#([^)]+))?\)/g)].map(
      ([, target = "", anchor]) => ({
        file,
        line: i + 1,
        target: target === "" ? file : path.join(path.dirname(file), target),
        anchor,
      }),
    ),
  );
}

/** As websites derive them from headings. */
export function anchorsIn(text: string): string[] {
  return [
    ...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm),
  ].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

function isBroken({ target, anchor }: Link): boolean {
  if (!existsSync(path.join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsIn(textOf(target)).includes(anchor);
}

describe("the links of the documentation", () => {
  const files = [...pageFiles(), "CONTRIBUTING.md", "CHANGELOG.md"];
  const links = files.flatMap((file) => linksIn(file, textOf(file)));

  it("lead to files and headings that are there", () => {
    const broken = links.filter(isBroken);
    should(
      broken.map(
        ({ file, line, target, anchor }) =>
          `${file}:${line} → ${target}#${anchor}`,
      ),
    ).eql([]);
    should(links.length).be.above(50);
  });

  it("are seen to be broken", () => {
    const [first, second, third] = linksIn(
      "README.md",
      "[a](doc/none.md)\n[b](#license) [c](#nothing-of-this-name)",
    );
    should(first && isBroken(first)).be.true();
    should(second?.anchor).equal("license");
    should(third).containEql({ line: 2, target: "README.md" });
    should(third && isBroken(third)).be.true();
  });

  it("reach every page", () => {
    const reached = new Set(links.map(({ target }) => target));
    const alone = pageFiles().filter(
      (file) =>
        file !== "README.md" &&
        /^type: page$/m.test(textOf(file)) &&
        !reached.has(file),
    );
    should(alone).eql([]);
  });

  it("make anchors as the sites do", () => {
    should(anchorsIn("# The `a` b, c!\n```\n# no\n```\n## One-two")).eql([
      "the-a-b-c",
      "one-two",
    ]);
  });
});
