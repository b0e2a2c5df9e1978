import { chromium, HOW_TO_GET_CHROMIUM } from "../stack/chromium";
import { toTerminal as log } from "../stack/progress";
import { type Counts, exitCode } from "./counts";
import { onTestStack } from "./features";
import { countMocha } from "./mocha";
import { build } from "./build";

/** Tests the built client in a real browser; `args` go to mocha. */
export async function testBrowser(args: readonly string[]): Promise<number> {
  await build();
  const counts = await onTestStack({}, (env) => countBrowserTests(args, env));
  if (counts === undefined) {
    throw new Error(`There is no Chromium: ${HOW_TO_GET_CHROMIUM}.`);
  }
  return exitCode(counts);
}

/**
 * @returns undefined, with a message, if there is no browser and none can be installed
 */
export async function countBrowserTests(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts | undefined> {
  const executable = await chromium(log);
  if (executable === undefined) {
    log(
      `\n• NOT RUN: the client in a browser. To run it, ${HOW_TO_GET_CHROMIUM}.`,
    );
    return undefined;
  }
  return countMocha(
    "The client in a browser",
    ["--config", ".mocharc.browser.json", ...args],
    { ...env, CHROMIUM: executable },
  );
}
