/** Prompts on a terminal, by a process with its own. */
import { spawnSync } from "node:child_process";
import path from "node:path";

import should from "should";

const ROOT = path.resolve(__dirname, "../../../..");
const TERMINAL = path.join(ROOT, "test/load/import/terminal.py");

/** @returns the content of the terminal after these keys */
function shownAfter(keys: string, call: string): string {
  const program = `
    const { confirm } = require("./bin/output/confirm");
    const { promptPassword } = require("./bin/output/promptPassword");
    ${call}.then(
      (answer) => console.log("answer:", answer),
      (error) => console.log("thrown:", error.constructor.name),
    );`;
  const { stdout, status } = spawnSync(
    "python3",
    [
      ...[TERMINAL, "--type", "? ", keys],
      ...[process.execPath, "--require", "tsx/cjs", "-e", program],
    ],
    { cwd: ROOT, encoding: "utf8", env: { ...process.env, TERM: "dumb" } },
  );
  should(status).equal(0, stdout);
  return stdout;
}

describe("a prompt on the terminal", function () {
  this.timeout(60_000);

  it("is confirmed only by a yes", () => {
    for (const [keys, answer] of [
      ["y\\r", true],
      ["Yes\\r", true],
      ["\\r", false],
      ["n\\r", false],
    ] as const) {
      const shown = shownAfter(keys, 'confirm("Delete? ")');
      should(shown).match(new RegExp(`answer: ${answer}`));
    }
  });

  it("does not show a password", () => {
    const shown = shownAfter(
      "S3cret\\r",
      'promptPassword("Password? ").then((password) => password === "S3cret")',
    );
    should(shown).match(/^Password\? \r?\nanswer: true/);
    should(shown).not.match(/S3cret/);
  });

  it("ends the command at Ctrl-C and at Ctrl-D", () => {
    for (const call of ['confirm("Delete? ")', 'promptPassword("Word? ")']) {
      for (const keys of ["\\x03", "\\x04"]) {
        should(shownAfter(keys, call)).match(/thrown: Interrupted/);
      }
    }
  });
});
