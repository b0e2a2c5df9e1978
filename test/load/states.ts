/**
 * Brings Elasticsearch, or the index of a collection, into each state of
 * `states/states.ts` while many clients read and write the same documents, and out of it
 * again; then holds what they were answered against what is stored. `npm run
 * test:states`; `-- --short` stays in each for half a second, `-- --seconds 30` for so
 * long; `-- --only closed` tries those whose name has this in it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { startKuzzleBehind } from "../integration/support/behindProxy";
import { FaultProxy } from "../integration/support/FaultProxy";
import type { Place } from "../integration/support/fiveActions";
import { ACTIONS, type Action } from "../support/actions";
import { givenEngines } from "./engines";
import type { Recorder } from "./history/Recorder";
import { runRound, type RoundResult } from "./history/round";
import { crossTableOf, type NamedRound, tableOf } from "./history/tables";
import { KuzzleClient } from "./KuzzleClient";
import { markdown, type Row } from "./markdown";
import { runProgram } from "./runProgram";
import { faultsOf, goesOnAfter, requestsWithin } from "./states/expected";
import { statesBehind, type TriedState } from "./states/states";

const INDEX = "engine-states";
const CLIENTS = 8;
const DOCUMENTS = 12;
/** Longer than all that the plugin waits for together, and a fault. */
const PATIENCE_MS = 40_000;
const AROUND_MS = 500;
/** A state may last longer than asked for: until all that it is to show has shown. */
const SHOW_MS = 20_000;
/** In which every action works again. */
const GO_ON_MS = 20_000;
const POLL_MS = 50;
/** Large enough, in an id, for a circuit breaker to see. */
const PADDING = "x".repeat(200);

type GoesOn = ReadonlyMap<Action, number>;

interface Tried {
  readonly result: RoundResult;
  readonly goesOn: GoesOn;
  /** sentences; none: all is well */
  readonly faults: readonly string[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: "boolean", default: false },
      seconds: { type: "string", default: "5" },
      only: { type: "string", default: "" },
    },
  });
  const ms = values.short ? 500 : Number(values.seconds) * 1_000;
  const proxy = await FaultProxy.start();
  const running = await startKuzzleBehind(proxy, "kuzzle-in-engine-states", {
    ...{ engineTimeoutMs: 3_000, journalLeaseMs: 3_000 },
    ...{ journalTaskWaitMs: 3_000, journalSweepMs: 200 },
  });
  const kuzzle = await KuzzleClient.logIn(running.url);

  const rounds: NamedRound[] = [];
  const goesOnRows: Row[] = [["state", ...ACTIONS]];
  let failed = 0;
  for (const state of statesBehind(proxy)) {
    const { name } = state;
    if (!name.includes(values.only)) continue;
    const collection = `c${rounds.length}`;
    const { result, goesOn, faults } = await tryState(
      state,
      kuzzle,
      { index: INDEX, collection },
      ms,
    );
    rounds.push([name, result]);
    goesOnRows.push([
      name,
      ...ACTIONS.map((action) => goesOn.get(action) ?? "never"),
    ]);
    failed += faults.length > 0 ? 1 : 0;
    console.log(faults.length > 0 ? "✗" : "✓", name);
    faults.slice(0, 5).forEach((fault) => console.log(`  ${fault}`));
  }
  await kuzzle.ask({ controller: "index", action: "delete", index: INDEX });
  await running.stop();
  await proxy.stop();

  console.log(tableOf("state", rounds).lines);
  console.log(crossTableOf("state", rounds));
  console.log(`Goes on after (ms):\n${markdown(goesOnRows)}`);
  console.log(`${rounds.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** @param ms that the state lasts at least */
async function tryState(
  state: TriedState,
  kuzzle: KuzzleClient,
  place: Place,
  ms: number,
): Promise<Tried> {
  await kuzzle.createCollection(place.index, place.collection);
  let lasting: string[] = [];
  let goesOn: GoesOn = new Map();
  const result = await runRound(
    {
      ...{ kuzzles: [kuzzle], count: CLIENTS, place },
      ids: Array.from({ length: DOCUMENTS }, (_, i) => `${i}-${PADDING}`),
      ...{ patienceMs: PATIENCE_MS, pauseMs: 20 },
    },
    givenEngines().elasticsearch.url,
    async (recorder) => {
      await sleep(AROUND_MS);
      await state.begin(place);
      lasting = await lastingFaults(state, recorder, ms);
      await state.end(place);
      goesOn = await untilAllGoOn(recorder);
      await sleep(AROUND_MS);
    },
  );
  const { faults } = tableOf("state", [[state.name, result]]);
  return {
    ...{ result, goesOn },
    faults: [
      ...lasting,
      ...ACTIONS.filter((action) => !goesOn.has(action)).map(
        (action) => `${action} does not go on`,
      ),
      ...(faults > 0 ? [`${faults} faults of the history`] : []),
      ...result.violations.map((violation) =>
        JSON.stringify(violation).replace(PADDING, "…"),
      ),
    ],
  };
}

/** @returns what is not as it should be in the time that the state has lasted */
async function lastingFaults(
  { expected }: TriedState,
  { requests }: Recorder,
  ms: number,
): Promise<string[]> {
  const from = Date.now();
  await sleep(ms);
  for (;;) {
    const to = Date.now();
    const faults = faultsOf(expected, requestsWithin({ from, to }, requests));
    if (faults.length === 0 || to - from > ms + SHOW_MS) return faults;
    await sleep(POLL_MS);
  }
}

/** @returns after how many milliseconds each does */
async function untilAllGoOn({ requests }: Recorder): Promise<GoesOn> {
  const overAt = Date.now();
  for (;;) {
    const goesOn = goesOnAfter(overAt, requests);
    const isLate = Date.now() - overAt > GO_ON_MS;
    if (goesOn.size === ACTIONS.length || isLate) return goesOn;
    await sleep(POLL_MS);
  }
}

runProgram(main);
