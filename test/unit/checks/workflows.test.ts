import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import should from "should";
import { parse } from "yaml";

const FOLDER = path.resolve(__dirname, "../../../.github");

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>;
        readonly steps: ReadonlyArray<{ readonly run?: string }>;
      }
    >
  >;
}

describe("the workflows on GitHub", () => {
  const jobsOf = (name: string) =>
    Object.values((parse(read(`workflows/${name}`)) as Workflow).jobs).map(
      ({ steps, permissions = {} }) => ({
        permissions,
        commands: steps.flatMap(({ run = [] }) => run),
      }),
    );

  it("do what .ci/run does", () => {
    should(jobsOf("ci.yml")[0]?.commands).eql([".ci/run"]);
  });

  it("publish what has passed, with its provenance", () => {
    const [{ commands, permissions } = { commands: [], permissions: {} }] =
      jobsOf("release.yml");

    should(commands.slice(-2)).eql([
      ".ci/run",
      "npm publish --provenance --access public",
    ]);
    should(permissions).containEql({ "id-token": "write" });
  });

  it("have forms that can be read", () => {
    for (const name of readdirSync(path.join(FOLDER, "ISSUE_TEMPLATE"))) {
      const form = parse(read(`ISSUE_TEMPLATE/${name}`)) as object;
      should(form).have.properties("name", "description", "body");
    }
  });

  function read(name: string): string {
    return readFileSync(path.join(FOLDER, name), "utf8");
  }
});
