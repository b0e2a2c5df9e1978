import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { Command, Option } from "commander";
import should from "should";

import { completionScript } from "../../../bin/completion";
import { applyConfigFile } from "../../../bin/configFile";
import { wholeNumber } from "../../../bin/options";
import { UsageError } from "../../../bin/usage";

function program(): Command {
  const all = new Command("kuzzle-batch");
  all
    .command("import")
    .description("Writes the user's documents.")
    .addOption(new Option("--format <format>").choices(["ndjson", "csv"]))
    .addOption(
      new Option("--host <host>").env("TEST_HOST").default("localhost"),
    )
    .option("--port <port>", "port", wholeNumber(1, 9_999), 7512)
    .option("--strict", "stop", false);
  all.command("export");
  return all;
}

describe("completion", () => {
  const complete = (...words: string[]): string[] => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const script = `${completionScript(program(), "bash")}
      COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
      _kuzzle_batch; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, status } = spawnSync("bash", ["-c", script]);
    should(status).equal(0);
    return String(stdout).trim().split("\n");
  };

  it("knows commands, options and choices in bash", () => {
    should(complete("kuzzle-batch", "im")).eql(["import"]);
    should(complete("kuzzle-batch", "import", "--st")).eql(["--strict"]);
    should(complete("kuzzle-batch", "import", "--format", "")).eql([
      ...["ndjson", "csv"],
    ]);
  });

  it("is written for zsh and fish as well", () => {
    should(completionScript(program(), "zsh")).match(
      /^autoload .*bashcompinit/,
    );
    const fish = completionScript(program(), "fish");
    should(fish).match(/-a import -d 'Writes the user\\'s documents\.'/);
    should(fish).match(/from import' -l format -x -a 'ndjson csv'/);
  });
});

describe("the file of options", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "config-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
    delete process.env.TEST_HOST;
  });

  function optionsWith(config: unknown, ...args: string[]) {
    const file = path.join(folder, ".kuzzle-batchrc");
    if (config !== undefined) writeFileSync(file, JSON.stringify(config));
    const all = program();
    const [command] = all.commands as [Command];
    command.action(() => undefined);
    all.hook("preAction", (_, each) =>
      applyConfigFile(each, [path.join(folder, "none"), folder]),
    );
    all.parse(["import", ...args], { from: "user" });
    return command.opts();
  }

  it("counts for less than the command line and the environment", () => {
    const config = { host: "a", port: "80", strict: true, interval: 3 };
    should(optionsWith(config)).eql({ host: "a", port: 80, strict: true });
    should(optionsWith(config, "--port", "81").port).equal(81);
    process.env.TEST_HOST = "b";
    should(optionsWith(config).host).equal("b");
    rmSync(path.join(folder, ".kuzzle-batchrc"));
    should(optionsWith(undefined).port).equal(7512);
  });

  it("is rejected if it is invalid or contains a secret", () => {
    for (const config of [{ port: "x" }, { password: "y" }, { host: [] }, 1]) {
      should(() => optionsWith(config)).throw(UsageError);
    }
  });
});
