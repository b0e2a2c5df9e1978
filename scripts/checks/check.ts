/**
 * Runs every `check:*` script of package.json, one after the other. Prints one line for
 * each with its duration, the output of those that failed, a list of failures, and the
 * total.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { shortened, failureLines } from "../tasks/failures";

const root = path.resolve(__dirname, "../..");

const { scripts } = JSON.parse(
  readFileSync(path.join(root, "package.json"), "utf8"),
) as { scripts: Record<string, string> };

const checks = Object.keys(scripts).filter((name) => name.startsWith("check:"));
const failures: string[] = [];

for (const check of checks) {
  const begun = Date.now();
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["run", "--silent", check],
    {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
  const name = check.slice("check:".length).padEnd(10);

  if (status === 0) {
    console.log(`ok      ${name} ${seconds} s`);
  } else {
    const output = `${stdout}${stderr}`.trimEnd();
    failures.push(`${check}: ${shortened(output)}`);
    console.log(`failed  ${name} ${seconds} s\n${output}`);
  }
}

const failed = failures.length;
console.log(
  `${failureLines("check", failures)}${checks.length - failed} passed, ${failed} failed`,
);
process.exitCode = failed > 0 ? 1 : 0;
