import should from "should";

import {
  asCommonJs,
  asModule,
  beginningOf,
  clientExamples,
} from "../../../scripts/checks/pack/examples";
import {
  contentProblems,
  dependencyProblems,
  linkProblems,
  scriptProblems,
} from "../../../scripts/checks/pack/contents";

const SOUND = [
  "dist/index.js",
  "dist/index.mjs",
  "dist/index.d.ts",
  "dist/client/index.js",
  "dist/lib/api/openapi/index.js",
  "doc/1/index.md",
  "monitoring/grafana-dashboard.json",
  "manifest.json",
  "package.json",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

describe("the check of the package", () => {
  it("accepts what belongs in it", () => {
    should(contentProblems(SOUND, 1_000)).eql([]);
  });

  for (const file of [
    "lib/types.ts",
    "scripts/checks/pack.ts",
    "features/api.feature",
    "docker/Dockerfile",
    "bench/run.ts",
    ".env",
    "dist/index.js.map",
    "dist/lib/api/answers.d.ts",
    "dist/lib/config.d.ts",
    "dist/client/read/getAll.d.ts",
    "dist/test/tools/pack.js",
    "kuzzle-plugin-batch-0.1.0.tgz",
  ]) {
    it(`reports ${file}`, () => {
      should(contentProblems([...SOUND, file], 1_000)).eql([
        `${file} does not belong in the package`,
      ]);
    });
  }

  it("reports what is missing", () => {
    const files = SOUND.filter((file) => file !== "LICENSE");
    should(contentProblems(files, 1_000)).eql(["LICENSE is missing"]);
  });

  it("reports what an earlier build has left", () => {
    should(
      contentProblems([...SOUND, "dist/lib/stale.js"], 1_000).join(),
    ).match(/earlier build/);
  });

  it("reports a package that has grown", () => {
    should(contentProblems(SOUND, 10_000_000)).have.length(1);
  });

  it("reports scripts that run where the package is installed", () => {
    should(scriptProblems({ test: "", prepack: "" })).eql([]);
    should(scriptProblems({ postinstall: "" })).have.length(1);
  });

  describe("of its dependencies", () => {
    const manifest = {
      name: "own",
      dependencies: { lodash: "^4" },
      peerDependencies: { kuzzle: "^2", "@aws-sdk/client-s3": "^3" },
    };
    const sound = `
      const lodash = require("lodash"); require("node:fs"); require("./own");
      require("own/client"); import("@aws-sdk/client-s3");
      export { Backend } from "kuzzle/dist/lib/core";`;

    it("accepts those that are declared and used, and peers", () => {
      should(dependencyProblems([sound], manifest)).eql([]);
    });

    it("reports one that is not declared", () => {
      should(
        dependencyProblems([sound, 'require("@scope/other/part")'], manifest),
      ).eql(["@scope/other is used but not declared"]);
    });

    it("reports one that is not used", () => {
      should(dependencyProblems(['require("kuzzle")'], manifest)).eql([
        "lodash is declared but not used",
      ]);
    });
  });

  it("reports links that lead out of the package", () => {
    const page =
      "[a](../../index.md#part) [b](https://kuzzle.io) [c](#part) [d](../../../lib/types.ts)";
    should(linkProblems("doc/1/guides/one/index.md", page, SOUND)).eql([
      "doc/1/guides/one/index.md links to ../../../lib/types.ts, which does not exist",
    ]);
  });
});

describe("the check of the documentation's programs", () => {
  const text = [
    'import sdk from "kuzzle-sdk";',
    'import { BatchError, type Limits } from "kuzzle-plugin-batch/client";',
    "const kuzzle: unknown = new sdk.Kuzzle();",
    "await kuzzle.connect();",
    "console.log(1);",
  ].join("\n");

  it("runs a program up to its first wait for Kuzzle, and a fragment's imports", () => {
    const lines = (isWhole: boolean) =>
      beginningOf({ name: "x", text, isWhole }).split("\n");
    should(lines(true)).eql(text.split("\n").slice(0, 3));
    should(lines(false)).eql(text.split("\n").slice(0, 2));
  });

  it("writes them as an ES module and, as the pages say, for CommonJS", () => {
    const begun = beginningOf({ name: "x", text, isWhole: true });
    should(asModule(begun)).equal(
      'import sdk from "kuzzle-sdk";\nimport { BatchError } from "kuzzle-plugin-batch/client";\nconst kuzzle = new sdk.Kuzzle();\n',
    );
    should(asCommonJs(begun)).equal(
      'const sdk = require("kuzzle-sdk");\nconst { BatchError } = require("kuzzle-plugin-batch/client");\nconst kuzzle = new sdk.Kuzzle();\n',
    );
  });

  it("finds those of the README and the guides", () => {
    const whole = clientExamples().filter(({ isWhole }) => isWhole);
    should(whole.map(({ name }) => name.replace(/-\d+$/, ""))).containDeep([
      ...["README", "doc-1-guides-client", "doc-1-guides-getting-started"],
    ]);
  });
});
