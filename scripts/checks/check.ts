/**
 * Runs every `check:*` script of package.json, one after another: one line each
 * with the time it took, what it said only where it failed, and the sum last.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "../..");

const { scripts } = JSON.parse(
  readFileSync(path.join(root, "package.json"), "utf8"),
) as { scripts: Record<string, string> };

const checks = Object.keys(scripts).filter((name) => name.startsWith("check:"));
let failed = 0;

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
    failed += 1;
    console.log(`FAILED  ${name} ${seconds} s\n${stdout}${stderr}`.trimEnd());
  }
}

console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
