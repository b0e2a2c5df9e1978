/**
 * Draws the diagrams of the documentation from their sources here. A unit test
 * compares them.
 *
 *   npx tsx scripts/pictures/draw.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { atomic } from "./atomic";
import { dashboard } from "./dashboard";
import { outcomes } from "./outcomes";
import { importProgress, liveMetrics, session } from "./terminal";

const root = path.resolve(__dirname, "../..");

/** The drawn files, by their place in the project. */
export const pictures: Readonly<
  Record<string, () => string | Promise<string>>
> = {
  "doc/1/pictures/outcomes.svg": outcomes,
  "doc/1/pictures/atomic.svg": atomic,
  "doc/1/pictures/dashboard.svg": dashboard,
  "doc/1/pictures/import.svg": importProgress,
  "doc/1/pictures/metrics.svg": liveMetrics,
  "doc/1/pictures/session.svg": session,
};

async function main(): Promise<void> {
  for (const [file, draw] of Object.entries(pictures)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), await draw());
    console.log(file);
  }
}

if (require.main === module) {
  void main();
}
