import { readFileSync } from "node:fs";
import path from "node:path";

import { loadPluginsErrors } from "kuzzle/dist/lib/kerror/codes";
import should from "should";

import { FAILURE_CODES } from "../../../lib/openapi/documents";
import { ERRORS } from "../../../lib/errors";
import { pageFiles, textOf } from "../../integration/docs/markdown";
import { configPage, errorsPage, pages } from "../../../scripts/checks/docs";
import { performancePage } from "../../../scripts/checks/performancePage";

const root = path.resolve(__dirname, "../../..");

describe("the documentation", () => {
  for (const [page, text] of Object.entries(pages)) {
    it(`${page} is what its source says (else: npx tsx scripts/checks/docs.ts)`, () => {
      // Not compared by should, which would print both pages.
      should(readFileSync(path.join(root, page), "utf8") === text).be.true();
    });
  }

  it("[R8] is a manifest that Kuzzle accepts, including its error table", () => {
    const { errors, kuzzleVersion } = JSON.parse(
      readFileSync(path.join(root, "manifest.json"), "utf8"),
    ) as {
      errors: Parameters<typeof loadPluginsErrors>[0]["errors"];
      kuzzleVersion: string;
    };
    const { kuzzle } = (
      JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
        peerDependencies: { kuzzle: string };
      }
    ).peerDependencies;

    should(kuzzleVersion).equal(kuzzle);
    should(() =>
      loadPluginsErrors({ name: "batch-manifest-test", errors }, 0xba),
    ).not.throw();
  });

  it("has a row for each error", () => {
    const page = errorsPage({
      "batch.sample.broken": {
        code: 0x04ba0001,
        status: 418,
        message: "{this} | {that}.",
        description: "It broke.",
      },
    });
    should(page).containEql(
      "| `batch.sample.broken`<br/>`0x04ba0001` | 418 | It broke. | `{this} \\| {that}.` |",
    );
  });

  it("says for each error what to do", () => {
    const page = textOf("doc/1/guides/failures/index.md");
    const ids = Object.keys(ERRORS).filter((id) => !page.includes(`\`${id}\``));
    should(ids).eql([]);
  });

  it("says for each code of a document what it means", () => {
    const page = textOf("doc/1/guides/failures/index.md");
    const codes = Object.keys(FAILURE_CODES).filter(
      (code) => !page.includes(`| \`${code}\` |`),
    );
    should(codes).eql([]);
  });

  it("has a row for each setting, and its default", () => {
    const page = configPage({
      patience: {
        default: 7,
        min: 1,
        max: 9,
        unit: "days",
        description: "How long.",
      },
    });
    should(page).containEql("| `patience` | How long. | days | 7 | 1 to 9 |");
    should(page).containEql('"patience": 7');
  });

  it("has the benchmark's tables without their heading", () => {
    const page = performancePage("# The last run\n\n| B1 | 0.9 |\n");
    should(page).containEql("## Latest results\n\n| B1 | 0.9 |\n\n");
    should(page).not.containEql("The last run");
    should(performancePage(undefined)).containEql("None yet.");
  });

  it("has the front matter of Kuzzle's pages on each page", () => {
    const without = pageFiles()
      .filter((file) => file.startsWith("doc"))
      .filter(
        (file) =>
          !/^---\ncode: (?:true|false)\ntype: (?:page|branch|root)\ntitle: .+\n(?:order: \d+\n)?---\n/.test(
            readFileSync(path.join(root, file), "utf8"),
          ),
      );
    should(without).eql([]);
  });
});
