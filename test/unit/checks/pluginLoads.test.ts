/** What an application pays that only runs the plugin. */
import { spawnSync } from "node:child_process";
import path from "node:path";

import should from "should";

const ROOT = path.resolve(__dirname, "../../..");
const OF_THE_COMMAND = ["commander", "csv-parse", "cli-progress"];

describe("the plugin", function () {
  this.timeout(60_000);

  it("loads no package that only the command needs", () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...["--require", "tsx/cjs", "--eval"],
        "require('./index.ts'); console.log(Object.keys(require.cache).join('\\n'))",
      ],
      { cwd: ROOT, encoding: "utf8" },
    );
    const loaded = new Set(
      [...stdout.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(
        ([, name]) => name,
      ),
    );
    should(loaded.has("prom-client")).be.true(stderr);
    should(OF_THE_COMMAND.filter((name) => loaded.has(name))).eql([]);
  });
});
