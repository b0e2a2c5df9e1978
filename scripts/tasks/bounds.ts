import type { Engines } from "../stack/engines/index";
import { startKuzzle } from "../stack/kuzzle";
import { toTerminal as log } from "../stack/progress";
import { type Counts, exitCode } from "./counts";
import { onEngines, readMajor, testEnvironment } from "./features";
import { countScript } from "./script";

/**
 * Measures how long the largest requests block a node's event loop; `--major` selects
 * the engine.
 */
export async function testBounds(args: readonly string[]): Promise<number> {
  return exitCode(await onEngines(readMajor(args), countBounds));
}

/** Each request counts as a test. */
export async function countBounds(engines: Engines): Promise<Counts> {
  log("\n• The largest requests");
  const kuzzle = await startKuzzle({
    ...{ engines, log, app: "test/load/bounds/app.ts" },
  });
  const counts = await countScript(
    "test/load/bounds.ts",
    [],
    testEnvironment(kuzzle, engines),
  );
  await kuzzle.stop();
  return counts;
}
