import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import type {
  ICruiseResult,
  IForbiddenRuleType,
} from "dependency-cruiser" with {
  "resolution-mode": "import",
};
import should from "should";

const RULES = path.resolve(__dirname, "../../../.dependency-cruiser.cjs");

/** One forbidden import per direction: who, and what it must not import. */
const WRONG: [from: string, to: string][] = [
  ["index.ts", "lib/core/a"],
  ["lib/types/a.ts", "lib/errors"],
  ["lib/errors.ts", "lib/types"],
  ["lib/limits.ts", "lib/types"],
  ["lib/config.ts", "lib/api/a"],
  ["lib/core/a.ts", "lib/errors"],
  ["lib/core/a.ts", "lib/kuzzle/a"],
  ["lib/core/a.ts", "lib/elasticsearch/a"],
  ["lib/core/a.ts", "lib/api/a"],
  ["lib/elasticsearch/a.ts", "lib/api/a"],
  ["lib/elasticsearch/a.ts", "lib/kuzzle/a"],
  ["lib/kuzzle/a.ts", "lib/api/a"],
  ["lib/observability/a.ts", "lib/core/a"],
  ["lib/openapi/a.ts", "lib/api/a"],
  ["lib/idempotency/a.ts", "lib/api/a"],
  ["lib/api/a.ts", "lib/compat/kuzzle1/a"],
  ["lib/api/a.ts", "lib/elasticsearch/a"],
  ["lib/api/a.ts", "lib/config"],
  ["lib/compat/kuzzle1/a.ts", "lib/compat/mixpeek/a"],
  ["lib/compat/mixpeek/a.ts", "lib/compat/native/a"],
  ["lib/compat/native/a.ts", "lib/elasticsearch/a"],
  ["lib/BatchPlugin.ts", "client/a"],
  ["client/a.ts", "lib/core/a"],
  ["client/a.ts", "bin/a"],
  ["bin/a.ts", "lib/core/a"],
  ["bench/a.ts", "bin/a"],
];

/** The file or folder whose imports a rule restricts. */
function placeOf(file: string): string {
  return file.replace(/\/a\.ts$|\.ts$/, "");
}

describe("the check of imports", function () {
  this.timeout(30_000);

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "batch-imports-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns `rule: from → to` of each violation, sorted */
  async function check(
    files: ReadonlyMap<string, readonly string[]>,
  ): Promise<string[]> {
    for (const [file, lines] of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), lines.join("\n"));
    }
    const { cruise } = await import("dependency-cruiser");
    const { default: rules } = (await import(RULES)) as {
      default: { forbidden: IForbiddenRuleType[] };
    };
    const { output } = await cruise(["."], {
      baseDir: folder,
      validate: true,
      ruleSet: { forbidden: rules.forbidden },
      tsPreCompilationDeps: true,
    });
    return (output as ICruiseResult).summary.violations
      .map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
      .sort();
  }

  /** @returns the relative path from the folder of one file to another */
  function wayTo(from: string, to: string): string {
    return path
      .relative(path.dirname(`/${from}`), `/${to}`)
      .replace(/^\w/, "./$&");
  }

  for (const [from, to] of WRONG) {
    it(`catches an import of ${to} in ${from}, and of its types alone`, async () => {
      const place = placeOf(from);
      const lines = [
        `import type { A } from "${wayTo(from, to)}";`,
        "export type B = A;",
      ];
      const violations = await check(
        new Map([
          [from, lines],
          [`${to}.ts`, ["export type A = string;"]],
        ]),
      );
      should(violations).eql([`imports-of-${place}: ${from} → ${to}.ts`]);
    });
  }

  it("has a wrong import for each rule of the directions", async () => {
    const { default: rules } = (await import(RULES)) as {
      default: { forbidden: IForbiddenRuleType[] };
    };
    const places = rules.forbidden
      .map(({ name = "" }) => /^imports-of-(.*)/.exec(name)?.[1])
      .filter((place) => place !== undefined);
    const tried = new Set(WRONG.map(([from]) => placeOf(from)));
    should([...tried].sort()).eql(places.sort());
  });

  it("catches a circle of files, though it be of types alone", async () => {
    const violations = await check(
      new Map([
        [
          "lib/core/a.ts",
          ['import type { B } from "./b";', "export type A = B;"],
        ],
        [
          "lib/core/b.ts",
          ['import type { A } from "./a";', "export type B = A;"],
        ],
      ]),
    );
    should(violations).eql(["no-circle: lib/core/a.ts → lib/core/b.ts"]);
  });

  it("catches a core that knows HTTP", async () => {
    const violations = await check(
      new Map([["lib/core/a.ts", ['import "node:http";']]]),
    );
    should(violations).eql(["core-is-pure: lib/core/a.ts → http"]);
  });
});
