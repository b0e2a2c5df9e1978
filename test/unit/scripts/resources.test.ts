import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import should from "should";

const process_ = path.resolve(__dirname, "../../../scripts/stack/process");
const resources = path.resolve(__dirname, "../../../scripts/stack/resources");

/** A launcher with one service, which has a child of its own, and one file. */
const LAUNCHER = `
const { startService } = require(${JSON.stringify(process_)});
const { hold, releaseAll } = require(${JSON.stringify(resources)});
const [, , folder] = process.argv;

const service = startService({
  name: "service",
  command: "sh",
  args: ["-c", "sleep 600 & echo $! > " + folder + "/child; wait"],
  logFile: folder + "/log",
});
hold({ remove: folder + "/file" }, () => require("fs").rmSync(folder + "/file"));
process.on("SIGTERM", () => releaseAll().then(() => process.exit(0)));
setInterval(() => {
  const child = require("fs").readFileSync(folder + "/child", "utf8").trim();
  if (child) console.log(service.pid + " " + child);
}, 100);
`;

describe("what the launcher started", function () {
  this.timeout(30_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "resources-"));
    writeFileSync(path.join(folder, "launcher.ts"), LAUNCHER);
    writeFileSync(path.join(folder, "child"), "");
    writeFileSync(path.join(folder, "file"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`is gone after a ${signal} to the launcher, children and files included`, async () => {
      const tsx = require.resolve("tsx/cjs");
      const launcher = spawn(
        process.execPath,
        ["--require", tsx, path.join(folder, "launcher.ts"), folder],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const pids = await firstLine(launcher.stdout);
      should(pids).have.length(2);
      for (const pid of pids) should(isAlive(pid)).be.true();

      launcher.kill(signal);

      await until(() => !pids.some(isAlive));
      await until(() => !existsSync(path.join(folder, "file")));
    });
  }
});

function firstLine(stream: NodeJS.ReadableStream): Promise<number[]> {
  return new Promise((resolve) =>
    stream.once("data", (data: Buffer) =>
      resolve(data.toString().split("\n")[0]!.split(" ").map(Number)),
    ),
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("It did not happen");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
