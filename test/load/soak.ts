/**
 * Many clients at a rate that a node can hold for days: does anything grow?
 * `npm run test:soak -- --minutes 30 --rate 40` (requests per second, 70 % of what the
 * machine holds); `-- --short` for one minute. Fails when memory, handles, journals or
 * keys of Redis that never expire grow steadily after the warm-up, when there are more
 * expiring keys than requests, when a journal stays pending, or the history is wrong.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { sumBy } from "lodash";

import { environment, kuzzleUrl } from "../../features/support/environment";
import { runRound } from "./history/round";
import { crossTableOf, type NamedRound, tableOf } from "./history/tables";
import { countJournals } from "./kill/engine";
import { KuzzleClient } from "./KuzzleClient";
import { steadyGrowth } from "./soak/steadyGrowth";

const INDEX = "soak";
const CLIENTS = 8;
const DOCUMENTS = 200;
const PATIENCE_MS = 60_000;
const SAMPLES = 60;
/** What V8 and the pools of connections take first. */
const WARM_UP = 0.3;
/** Above this share of what was there after the warm-up, growth is no noise. */
const MAX_GROWTH = 0.15;

/** What must not grow. */
const BOUNDED = [
  "heapMb",
  "rssMb",
  "handles",
  "lastingKeys",
  "journals",
] as const;

/** What the node and its servers hold; see soak/app.ts. */
type Sample = Readonly<
  Record<(typeof BOUNDED)[number] | "expiringKeys", number>
>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      minutes: { type: "string", default: "30" },
      rate: { type: "string", default: "40" },
    },
  });
  const durationMs = (values.short ? 1 : Number(values.minutes)) * 60_000;
  const kuzzle = await KuzzleClient.logIn(kuzzleUrl);
  await kuzzle.createCollection(INDEX, "documents");

  const samples: Sample[] = [];
  const result = await runRound(
    {
      kuzzles: [kuzzle],
      count: CLIENTS,
      place: { index: INDEX, collection: "documents" },
      ids: Array.from({ length: DOCUMENTS }, (_, i) => `${i}`),
      patienceMs: PATIENCE_MS,
      // half of it on average
      pauseMs: Math.round((2 * CLIENTS * 1_000) / Number(values.rate)),
    },
    environment.elasticsearchUrl,
    async () => {
      for (let i = 0; i < SAMPLES; i++) {
        await sleep(durationMs / SAMPLES);
        samples.push(await sampleOf(kuzzle));
      }
    },
  );

  const settled = samples.slice(SAMPLES * WARM_UP);
  const grown = BOUNDED.filter((name) => {
    const growth = steadyGrowth(settled.map((sample) => sample[name]));
    const isGrown = growth > MAX_GROWTH;
    console.log(
      `${isGrown ? "✗" : "✓"} ${name}: ${samples[0]?.[name]} at first, ${settled[0]?.[name]} after the warm-up, ${settled.at(-1)?.[name]} in the end, ${(100 * growth).toFixed(1)} % by its trend`,
    );
    return isGrown;
  });
  const rounds: NamedRound[] = [["mixture", result]];
  const { lines, faults } = tableOf("soak", rounds);
  console.log(`${lines}\n\n${crossTableOf("soak", rounds)}`);
  // each key is one request's, and is gone after a day
  const { expiringKeys = 0 } = samples.at(-1) ?? {};
  const requests = sumBy([...result.counts.values()], "requests");
  const hasKeys = expiringKeys <= requests;
  console.log(
    `${hasKeys ? "✓" : "✗"} expiringKeys: ${expiringKeys} of ${requests} requests`,
  );
  const checks = BOUNDED.length + 1;
  const broken = grown.length + (hasKeys ? 0 : 1);
  const failed = broken + faults;
  console.log(`${checks - broken} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function sampleOf(kuzzle: KuzzleClient): Promise<Sample> {
  const sample = await kuzzle.ask({ controller: "features", action: "sample" });
  return { ...(sample as Sample), journals: await countJournals() };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
