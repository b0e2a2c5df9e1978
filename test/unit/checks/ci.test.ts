import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

const script = path.resolve(__dirname, "../../../.ci/run");

describe(".ci/run", function () {
  this.timeout(30_000);

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "batch-ci-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * An npm with scripted results for `npm test` and `npm run check`; everything else passes
   * once.
   */
  function environment(test: string, check: string): NodeJS.ProcessEnv {
    writeFileSync(
      path.join(folder, "npm"),
      `#!/usr/bin/env bash\ncase "$*" in\n"test") ${test};;\n"run check") ${check};;\n*) echo '1 passed, 0 failed';;\nesac\n`,
      { mode: 0o755 },
    );
    return { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  }

  function run(
    test: string,
    check: string,
  ): { status: number | null; lines: string[]; last: string | undefined } {
    const { status, stdout } = spawnSync(script, [], {
      env: environment(test, check),
      encoding: "utf8",
    });
    const lines = stdout.trimEnd().split("\n");
    return { status, lines, last: lines.at(-1) };
  }

  it("sums the last sum of each part", () => {
    const { status, lines, last } = run(
      "echo '1 passed, 0 failed'; echo detail; echo '40 passed, 0 failed'",
      "echo '6 passed, 0 failed'; echo 'npm notice'",
    );
    should(last).equal("47 passed, 0 failed");
    should(status).equal(0);
    should(lines).containEql("detail");
  });

  it("sees a sum in colours", () => {
    const { last } = run(
      "printf '\\033[32m2 passed, 0 failed\\033[39m\\r\\n'",
      "echo '6 passed, 0 failed'",
    );
    should(last).equal("9 passed, 0 failed");
  });

  it("fails with a failed check", () => {
    const { status, last } = run(
      "echo '40 passed, 0 failed'",
      "echo '5 passed, 1 failed'; exit 1",
    );
    should(last).equal("46 passed, 1 failed");
    should(status).equal(1);
  });

  it("counts a part without a sum as a failure, and still runs the next", () => {
    const { status, last } = run("echo broken", "echo '6 passed, 0 failed'");
    should(last).equal("7 passed, 1 failed");
    should(status).equal(1);
  });

  it("counts a part that ran nothing as a failure", () => {
    const { status, last } = run(
      "echo '0 passed, 0 failed'",
      "echo '6 passed, 0 failed'",
    );
    should(last).equal("7 passed, 1 failed");
    should(status).equal(1);
  });

  it("does not believe a good sum before a bad exit status", () => {
    const { status, last } = run(
      "echo '40 passed, 0 failed'; exit 3",
      "echo '6 passed, 0 failed'",
    );
    should(last).equal("47 passed, 1 failed");
    should(status).equal(1);
  });

  it("repeats at the end what failed, including a part without tests", () => {
    const { lines } = run(
      "echo 'FAILED  features › a: b'; seq 500; echo '40 passed, 1 failed'; exit 1",
      "seq 500",
    );
    should(lines.slice(-3)).eql([
      "FAILED  features › a: b",
      "FAILED  npm run check: it proved nothing (exit status 0): 498 499 500 ",
      "41 passed, 2 failed",
    ]);
  });

  it("gives the parts no input to wait for, and tells them that this is CI", () => {
    const { last, lines } = run(
      'cat; echo "CI=$CI"; echo "1 passed, 0 failed"',
      "echo '6 passed, 0 failed'",
    );
    should(last).equal("8 passed, 0 failed");
    should(lines).containEql("CI=true");
  });

  it("ends processes that a part has left running", () => {
    const { lines } = run(
      'sleep 300 & echo "left $!"; echo "1 passed, 0 failed"',
      "echo '6 passed, 0 failed'",
    );
    should(alive(pidIn(lines.join("\n")))).equal(false);
  });

  it("ends its part and prints no sum when it is interrupted", async () => {
    const child = spawn(script, [], {
      env: environment(
        'echo "left $$"; sleep 300',
        "echo '6 passed, 0 failed'",
      ),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    const closed = new Promise<number | null>((resolve) => {
      child.on("close", resolve);
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (/left \d+/.test(output)) {
        child.kill("SIGTERM");
      }
    });
    should(await closed).equal(143);
    should(output).not.match(/passed/);
    should(alive(pidIn(output))).equal(false);
  });

  function pidIn(output: string): number {
    return Number(/left (\d+)/.exec(output)?.[1]);
  }

  function alive(pid: number): boolean {
    should(pid).be.above(0);
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }
});
