/**
 * A collection of random documents, with everything that a JavaScript parser would change, is
 * copied with `get | import` and with `export | import`: each document must have the same bytes
 * in the engine. `npm run test:exact` runs it against its own Kuzzle and engine.
 *
 *   npm run test:exact -- --documents 100000 --major 8
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { handBack, takeOver } from "../../../features/support/kuzzle";
import { ENGINE_MAJOR } from "../../integration/support/engine";
import { copyCollection } from "./copies";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      documents: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 1e9) },
    },
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), "exact-"));
  await takeOver();
  try {
    console.log(`Elasticsearch ${ENGINE_MAJOR}, --seed ${values.seed}`);
    const reports = await copyCollection({
      ...{ folder, index: "exact-copies" },
      documents: Number(values.documents),
      seed: Number(values.seed),
    });
    for (const { copy, same, megabytes, seconds } of reports) {
      console.log(
        `✓ ${copy}: ${same} documents (${megabytes.toFixed(1)} MB) with equal bytes, copied in ${seconds.toFixed(0)} s`,
      );
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
