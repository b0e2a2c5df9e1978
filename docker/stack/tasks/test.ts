import { runToEnd } from "../process";
import { ROOT } from "../paths";
import { timed, toTerminal as log } from "../progress";
import { add, countUnitTests, type Counts, exitCode } from "./counts";
import { countFeatures } from "./features";

/** Builds, runs the unit tests and the features, and ends with the sum of both. */
export async function test(args: readonly string[]): Promise<number> {
  await build();
  const unit = await unitTests();
  const features = await countFeatures(args, {});
  const sum = add(unit, features);
  log(`unit tests: ${unit.passed} passed, ${unit.failed} failed`);
  log(`features: ${features.passed} passed, ${features.failed} failed`);
  log(`${sum.passed} passed, ${sum.failed} failed`);
  // Both have to have run.
  return Math.max(exitCode(unit), exitCode(features));
}

async function build(): Promise<void> {
  await timed(log, "Building (tsc)", async () => {
    const code = await node("node_modules/typescript/bin/tsc", [
      "-p",
      "tsconfig.json",
    ]);
    if (code !== 0) throw new Error("The build failed.");
  });
}

async function unitTests(): Promise<Counts> {
  let output = "";
  log("\n• Unit tests");
  const code = await node(
    "node_modules/mocha/bin/mocha.js",
    ["--reporter", "dot"],
    (text) => {
      output += text;
      process.stdout.write(text);
    },
  );
  return countUnitTests(output, code);
}

function node(
  script: string,
  args: readonly string[],
  onOutput?: (text: string) => void,
): Promise<number> {
  return runToEnd(process.execPath, [script, ...args], {
    cwd: ROOT,
    ...(onOutput && { onOutput }),
  });
}
