/** A time in which many clients work while something happens, and what came of it. */
import { setTimeout as sleep } from "node:timers/promises";

import type { KuzzleClient } from "../KuzzleClient";
import { checkHistory } from "./checkHistory";
import { markdown } from "../markdown";
import { runClients, type Clients } from "./clients";
import { VIOLATIONS, type Violation } from "./events";
import { Recorder, type Counts } from "./Recorder";
import type { Action } from "../../support/actions";
import type { Body } from "./requests";

const IDLE_MS = 60_000;

export interface RoundResult {
  readonly counts: ReadonlyMap<Action, Counts>;
  readonly violations: readonly Violation[];
  /** calls or journals that are still pending when they should not be */
  readonly stuck: number;
}

/**
 * @param act what happens, and how long it takes
 * @param engineUrl past all that may be disturbed
 */
export async function runRound(
  clients: Clients,
  engineUrl: string,
  act: () => Promise<void>,
): Promise<RoundResult> {
  const recorder = new Recorder();
  const end = new AbortController();
  const running = runClients(clients, recorder, end.signal);
  await act();
  end.abort();
  await running;
  const stuck = await untilIdle(clients.kuzzles);
  await readAll(clients, engineUrl, recorder);
  return {
    counts: recorder.counts,
    violations: checkHistory(recorder),
    stuck,
  };
}

/** @returns how much is still pending after a minute; 0 soon after all is well */
export async function untilIdle(
  kuzzles: readonly KuzzleClient[],
): Promise<number> {
  const deadline = Date.now() + IDLE_MS;
  for (;;) {
    let pending = 0;
    for (const kuzzle of kuzzles) {
      pending += await kuzzle.metric("kuzzle_batch_inflight");
      pending += await kuzzle.metric("kuzzle_batch_journals_pending");
    }
    if (pending === 0 || Date.now() > deadline) return pending;
    await sleep(200);
  }
}

async function readAll(
  { place, ids }: Clients,
  engineUrl: string,
  recorder: Recorder,
): Promise<void> {
  const alias = encodeURIComponent(`@&${place.index}.${place.collection}`);
  const response = await fetch(`${engineUrl}/${alias}/_mget`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ids }),
  });
  const { docs } = (await response.json()) as {
    docs: Array<{
      _id: string;
      found: boolean;
      _source: Body;
      _version: number;
    }>;
  };
  for (const doc of docs) {
    recorder.recordEnd(doc._id, doc.found ? doc : undefined);
  }
}

type Kind = keyof typeof VIOLATIONS;

const COLUMNS = [
  "requests",
  "acknowledged",
  "refused",
  "unknown",
  "unaccounted",
  "cut",
  "hung",
  "longestMs",
] as const satisfies ReadonlyArray<keyof Counts>;

/** The rounds' figures, a row of Markdown for each; `faults` is how many there were. */
export function tableOf(
  first: string,
  rows: ReadonlyArray<readonly [name: string, result: RoundResult]>,
): { readonly lines: string; readonly faults: number } {
  const kinds = Object.keys(VIOLATIONS) as Kind[];
  const head = [first, ...COLUMNS, ...kinds, "stuck"];
  let faults = 0;
  const cells = rows.map(([name, { counts, violations, stuck }]) => {
    const all = [...counts.values()];
    const sums = COLUMNS.map((column) =>
      column === "longestMs"
        ? Math.max(...all.map((each) => each[column]))
        : all.reduce((sum, each) => sum + each[column], 0),
    );
    const found = kinds.map(
      (kind) => violations.filter((each) => each.kind === kind).length,
    );
    const [, , , , unaccounted = 0, , hung = 0] = sums;
    faults += violations.length + stuck + unaccounted + hung;
    return [name, ...sums, ...found, stuck];
  });
  return { lines: markdown([head, ...cells]), faults };
}

/** Of all rounds, by what was asked; violations belong to documents, not to actions. */
export function byAction(
  results: readonly RoundResult[],
): Array<readonly [string, RoundResult]> {
  const actions = new Set(results.flatMap(({ counts }) => [...counts.keys()]));
  return [...actions].sort().map((action) => {
    const counts = results.flatMap((result) => {
      const of = result.counts.get(action);
      return of === undefined ? [] : [of];
    });
    const sum: Counts = { ...(counts[0] as Counts) };
    for (const each of counts.slice(1)) {
      for (const column of COLUMNS) {
        sum[column] =
          column === "longestMs"
            ? Math.max(sum[column], each[column])
            : sum[column] + each[column];
      }
    }
    return [
      action,
      { counts: new Map([[action, sum]]), violations: [], stuck: 0 },
    ] as const;
  });
}
