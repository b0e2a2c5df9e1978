/**
 * Many clients at 70 % of the rate that the machine sustains: does anything grow? `npm
 * run test:soak -- --minutes 30`, after a minute at full speed that measures this
 * rate; `--rate 40` sets it, in requests per second; `--short` is one minute. Fails if
 * memory, handles or Redis keys without expiry grow steadily after the warm-up, if
 * there are more expiring keys than requests or more journals than from one minute, if
 * a journal stays pending, or if the history is wrong.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { max, sumBy } from "lodash";

import { environment, kuzzleUrl } from "../../features/support/environment";
import type { Action } from "../support/actions";
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
const ROUNDS = 10;
const FULL_SPEED_MS = 30_000;
/** Share of the rate at full speed. */
const SHARE = 0.7;
/** The time in which V8 and the connection pools grow. */
const WARM_UP = 0.3;
/** Growth above this share of the level after the warm-up is not noise. */
const MAX_GROWTH = 0.15;

/** What must not grow. */
const BOUNDED = ["heapMb", "rssMb", "handles", "lastingKeys"] as const;

/** The maximum lifetime of a journal, with the application's settings. */
const JOURNAL_S = 60;

/** The resources of the node and its servers; see soak/app.ts. */
type Sample = Readonly<
  Record<(typeof BOUNDED)[number] | "expiringKeys" | "journals", number>
>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      minutes: { type: "string", default: "30" },
      rate: { type: "string" },
    },
  });
  const minutes = values.short ? 1 : Number(values.minutes);
  const kuzzle = await KuzzleClient.logIn(kuzzleUrl);
  await kuzzle.createCollection(INDEX, "documents");

  const samples: Sample[] = [];
  const rounds: NamedRound[] = [];
  const play = async (
    name: string,
    pauseMs: number,
    act: () => Promise<void>,
  ): Promise<void> => {
    // a history is only kept, and checked, for as long as its documents are used
    const ids = Array.from(
      { length: DOCUMENTS },
      (_, i) => `${rounds.length}-${i}`,
    );
    const place = { index: INDEX, collection: "documents" };
    const result = await runRound(
      {
        ...{ kuzzles: [kuzzle], count: CLIENTS, place, ids, pauseMs },
        patienceMs: PATIENCE_MS,
      },
      environment.elasticsearchUrl,
      act,
    );
    rounds.push([name, result]);
  };

  let rate = Number(values.rate);
  if (values.rate === undefined) {
    // V8 compiles in the first half
    await play("full speed", 0, () => sleep(FULL_SPEED_MS));
    const cold = requestsOf(rounds);
    await play("full speed", 0, () => sleep(FULL_SPEED_MS));
    const sustained = (requestsOf(rounds) - cold) / (FULL_SPEED_MS / 1_000);
    console.log(`${sustained.toFixed(0)} requests/s at full speed`);
    rate = SHARE * sustained;
  }
  const roundSeconds = (minutes * 60) / ROUNDS;
  let pauseMs = (CLIENTS * 1_000) / rate;
  for (let i = 0; i < ROUNDS; i++) {
    // half of the longest pause on average
    await play("mixture", Math.round(2 * pauseMs), async () => {
      for (let k = 0; k < SAMPLES / ROUNDS; k++) {
        await sleep((minutes * 60_000) / SAMPLES);
        samples.push(await sampleOf(kuzzle));
      }
    });
    // responses take time as well, and how much depends on the rate
    const reached = requestsOf(rounds.slice(-1)) / roundSeconds;
    pauseMs += CLIENTS * 1_000 * (1 / rate - 1 / reached);
    pauseMs = Math.max(0, pauseMs);
  }
  const seconds = minutes * 60;

  const mixture = rounds.filter(([name]) => name === "mixture");
  console.log(
    `${(requestsOf(mixture) / seconds).toFixed(0)} requests/s for ${minutes} minutes, of ${rate.toFixed(0)} intended`,
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
  const { lines, faults } = tableOf("soak", rounds);
  console.log(`${lines}\n\n${crossTableOf("soak", rounds)}`);
  // each key belongs to one request, and expires after a day
  const hasKeys = isAtMost(
    "expiringKeys",
    samples.at(-1)?.expiringKeys,
    requestsOf(rounds),
  );
  const atomicPerSecond = requestsOf(mixture, "atomic") / seconds;
  const hasJournals = isAtMost(
    "journals",
    max(settled.map(({ journals }) => journals)),
    Math.round(JOURNAL_S * atomicPerSecond),
  );
  const checks = BOUNDED.length + 2;
  const broken =
    grown.length + [hasKeys, hasJournals].filter((holds) => !holds).length;
  const failed = broken + faults;
  console.log(`${checks - broken} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** @param only counts a single action */
function requestsOf(rounds: readonly NamedRound[], only?: Action): number {
  return sumBy(rounds, ([, { counts }]) =>
    sumBy([...counts], ([action, { requests }]) =>
      only === undefined || action === only ? requests : 0,
    ),
  );
}

function isAtMost(name: string, most = 0, bound: number): boolean {
  const holds = most <= bound;
  console.log(`${holds ? "✓" : "✗"} ${name}: ${most}, at most ${bound}`);
  return holds;
}

async function sampleOf(kuzzle: KuzzleClient): Promise<Sample> {
  const sample = await kuzzle.ask({ controller: "features", action: "sample" });
  return { ...(sample as Sample), journals: await countJournals() };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
