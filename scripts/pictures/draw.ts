/**
 * Draws the diagrams of the documentation from the sources in this folder. A unit test
 * compares them. Pictures of a terminal are recorded: see `record.ts`.
 *
 *   npx tsx scripts/pictures/draw.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { atomic } from "./atomic";
import { dashboard } from "./dashboard";
import { outcomes } from "./outcomes";

const root = path.resolve(__dirname, "../..");

/** The drawn files, by path in the project. */
export const pictures: Readonly<
  Record<string, () => string | Promise<string>>
> = {
  "doc/1/pictures/outcomes.svg": outcomes,
  "doc/1/pictures/atomic.svg": atomic,
  "doc/1/pictures/dashboard.svg": dashboard,
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
