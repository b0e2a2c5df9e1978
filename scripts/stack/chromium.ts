import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { type Log, timed } from "./progress";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export const HOW_TO_GET_CHROMIUM =
  "install Chromium (Debian: apt-get install chromium), or name a Chrome in CHROMIUM";

/**
 * Finds a Chromium, or installs that of the distribution if that is possible without
 * asking: as root, with apt.
 *
 * @returns undefined if there is none
 */
export async function chromium(log: Log): Promise<string | undefined> {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) return CHROMIUM;
  return usual() ?? (await installed(log));
}

function usual(): string | undefined {
  return USUAL_PLACES.find((place) => existsSync(place));
}

async function installed(log: Log): Promise<string | undefined> {
  const hasApt = existsSync("/usr/bin/apt-get");
  if (!hasApt || process.getuid?.() !== 0) return undefined;
  await timed(log, "Installing Chromium (apt-get)", async () => {
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
  }).catch((error: Error) => log(`✗ ${error.message}`));
  return usual();
}

function apt(...args: string[]): void {
  const { status, stderr } = spawnSync("apt-get", args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 300_000,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(`apt-get ${args[0]} failed: ${stderr.trim().slice(-500)}`);
  }
}
