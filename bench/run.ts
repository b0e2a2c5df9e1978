/**
 * `npm run bench`: how long the plugin's actions take, beside Kuzzle's own and
 * beside the engine, in one interleaved run.
 */
import { parseArgs } from "node:util";

import { measure, type Measured } from "./measure";
import { toTable } from "./report";
import { READS } from "./scenarios/reads";
import { WRITES } from "./scenarios/writes";
import { closeWorld, openWorld } from "./world";

const SCENARIOS = { ...READS, ...WRITES };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", multiple: true },
      rounds: { type: "string" },
    },
  });
  const wanted = values.scenario ?? Object.keys(SCENARIOS);
  const rounds =
    values.rounds === undefined ? undefined : Number(values.rounds);
  const world = openWorld({
    kuzzleHost: String(process.env.TEST_KUZZLE_HOST),
    kuzzlePort: Number(process.env.TEST_KUZZLE_PORT),
    kuzzlePid: Number(process.env.TEST_KUZZLE_PID),
    elasticsearchUrl: String(process.env.TEST_ELASTICSEARCH_URL),
  });
  const results: Measured[] = [];
  for (const id of wanted) {
    const make = SCENARIOS[id];
    if (make === undefined) {
      throw new Error(
        `No scenario ${id}: ${Object.keys(SCENARIOS).join(", ")}`,
      );
    }
    const scenario = await make(world);
    const result = await measure(scenario, rounds);
    scenario.close?.();
    console.log(toTable(result));
    results.push(result);
  }
  closeWorld(world);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
