import { readFileSync } from "node:fs";
import path from "node:path";

import should from "should";

import {
  COMBINATIONS,
  readOptions,
} from "../../../scripts/matrix/combinations";
import { countPart } from "../../../scripts/tasks/counts";

const manifest = JSON.parse(
  readFileSync(path.resolve(__dirname, "../../../package.json"), "utf8"),
) as {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
};

describe("the matrix of versions", () => {
  it("has the lowest Kuzzle and SDK that package.json claims, and every Node", () => {
    const lowest = (name: string): string =>
      /^>=(\S+) <\d+$/.exec(manifest.peerDependencies[name] ?? "")![1]!;
    const nodes = manifest.engines.node.match(/(?<=\^)\d+/g)!;

    should(kuzzles()).containEql(lowest("kuzzle"));
    should(COMBINATIONS.map(({ sdk }) => sdk)).containEql(lowest("kuzzle-sdk"));
    should(COMBINATIONS.map(({ node }) => node)).containDeep(nodes);
  });

  it("is all of them where no version is named", () => {
    should(readOptions(["--short"])).eql({
      combinations: COMBINATIONS,
      isShort: true,
      only: [],
    });
  });

  it("is one, otherwise as usual, where one is", () => {
    const { combinations } = readOptions(["--node", "24", "--engine", "8"]);
    should(combinations).eql([
      { ...COMBINATIONS[0], node: "24", engine: "8.16" },
    ]);
  });

  it("rejects an engine that it has not, and an option", () => {
    should(() => readOptions(["--engine", "6"])).throw(/7\.17.*not 6/);
    should(() => readOptions(["--elastic", "7"])).throw(/--elastic/);
  });

  it("counts by the sum of each part", () => {
    const output = "\nfeatures: 360 passed, 2 failed\n";
    should(countPart(output, 1)).containDeep({ passed: 360, failed: 2 });
    should(countPart("it broke", 1)).eql({
      passed: 0,
      failed: 1,
      failures: ["exit code 1: it broke"],
    });
  });

  function kuzzles(): string[] {
    return COMBINATIONS.map(({ kuzzle }) => kuzzle);
  }
});
