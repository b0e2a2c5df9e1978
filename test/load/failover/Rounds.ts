import { setTimeout as sleep } from "node:timers/promises";

import { runRound } from "../history/round";
import { crossTableOf, type NamedRound, tableOf } from "../history/tables";
import type { KuzzleClient } from "../KuzzleClient";
import { markdown, type Row } from "../markdown";
import { until } from "../until";
import {
  type Answer,
  type Call,
  faultsOf,
  type Findings,
  goesOnAfter,
  judge,
  KINDS,
  noFindings,
} from "./calls";
import type { Engine } from "./engine";
import {
  type FlowFindings,
  importOnce,
  noFlowFindings,
  streamOnce,
} from "./flows";
import { ANSWER_MS, COLLECTION, INDEX, send } from "./kuzzle";
import { planCalls } from "./plan";

export type Action = "no kill" | "kill";

/** Approximately how long requests keep arriving, and when the event happens. */
const ROUND_MS = 1_500;
/** Number of clients that record a history all the while. */
const CLIENTS = 3;
const DOCUMENTS = 12;
const PAUSE_MS = 100;

/** The requests of a round. */
interface Asked {
  readonly calls: readonly Call[];
  /** by position */
  readonly answers: ReadonlyArray<Answer | undefined>;
  /** when the event happened, milliseconds since the epoch */
  readonly actedAt: number;
}

/** Rounds of requests of every kind, with an event in the middle. */
export class Rounds {
  private number = 0;
  private readonly calls = new Map<string, Findings>();
  private readonly flows = new Map<string, FlowFindings>();
  private readonly histories: NamedRound[] = [];
  private readonly reads = {
    ...{ requests: 0, found: 0, errors: 0, falselyMissing: 0 },
  };

  constructor(
    private readonly kuzzle: KuzzleClient,
    private readonly engine: Engine,
    private readonly engineUrl: string,
  ) {}

  async run(action: Action, act: () => Promise<void>): Promise<void> {
    const number = this.number++;
    const { kuzzle, engine } = this;
    let asked: Asked | undefined;
    const result = await runRound(
      {
        kuzzles: [kuzzle],
        count: CLIENTS,
        place: { index: INDEX, collection: COLLECTION },
        ids: Array.from(
          { length: DOCUMENTS },
          (_, i) => `history-${number}-${i}`,
        ),
        patienceMs: ANSWER_MS,
        pauseMs: PAUSE_MS,
      },
      this.engineUrl,
      async (recorder) => {
        const flows = [
          streamOnce(kuzzle, this.flow(`stream, ${action}`)),
          importOnce(
            kuzzle,
            engine,
            `import-${number}`,
            this.flow(`import, ${action}`),
          ),
        ];
        asked = await this.callAll(number, () =>
          action === "kill" ? recorder.recordFailover(act) : act(),
        );
        await Promise.all(flows);
      },
    );
    // a shard may have no primary yet
    await until(
      "a journal stays pending",
      async () => (await engine.pendingJournals().catch(() => 1)) === 0,
    );
    await this.judgeAll(action, asked as Asked);
    result.violations.forEach((violation) => console.log("✗", violation));
    this.histories.push([action, result]);
  }

  /** All figures, and the number of faults in them. */
  report(): { readonly lines: string; readonly faults: number } {
    const { refused: _, ...columns } = noFindings();
    const calls = [...this.calls].map(([name, { refused, ...figures }]) => {
      const codes = Object.entries(refused).map(
        ([code, count]) => `${count} ${code}`,
      );
      return [name, ...Object.values(figures), codes.join(", ")];
    });
    const flows = [...this.flows].map(([name, figures]) => [
      name,
      ...Object.values(figures),
    ]);
    const { faults } = tableOf("history", this.histories);
    return {
      lines: [
        markdown([
          ["calls", ...Object.keys(columns), "refused"],
          ...sorted(calls),
        ]),
        markdown([
          ["flows", ...Object.keys(noFlowFindings())],
          ...sorted(flows),
        ]),
        crossTableOf("history", this.histories),
        `batchGet: ${JSON.stringify(this.reads)}`,
        `faults in the histories: ${faults}`,
      ].join("\n\n"),
      faults:
        [...this.calls.values()].reduce(
          (sum, each) => sum + faultsOf(each),
          0,
        ) +
        [...this.flows.values()].reduce(
          (sum, { lost, untrue, unaccounted, hung }) =>
            sum + lost + untrue + unaccounted + hung,
          0,
        ) +
        this.reads.falselyMissing +
        faults,
    };
  }

  private async callAll(
    number: number,
    act: () => Promise<void>,
  ): Promise<Asked> {
    const { kuzzle, engine } = this;
    const calls = await planCalls(number, engine);
    const end = new AbortController();
    const reading = this.readOn(known(calls), end.signal);
    const answers = Promise.all(
      calls.map(async (call, i) => {
        await sleep((i / calls.length) * ROUND_MS);
        return send(kuzzle, call);
      }),
    );
    await sleep(ROUND_MS * (0.4 + Math.random() * 0.4));
    const actedAt = Date.now();
    await act();
    await answers;
    end.abort();
    await reading;
    return { calls, answers: await answers, actedAt };
  }

  private async judgeAll(
    action: Action,
    { calls, answers, actedAt }: Asked,
  ): Promise<void> {
    const now = await this.engine.read(
      calls.flatMap(({ documents }) => documents.map(({ _id }) => _id)),
    );
    for (const kind of KINDS) {
      const findings = valueAt(this.calls, `${kind}, ${action}`, noFindings);
      const positions = [...calls.keys()].filter(
        (i) => calls[i]?.kind === kind,
      );
      for (const i of positions) {
        judge(calls[i] as Call, answers[i], now, findings);
      }
      findings.goesOnMs = Math.max(
        findings.goesOnMs,
        goesOnAfter(
          actedAt,
          positions.map((i) => answers[i]),
        ),
      );
    }
  }

  /** Reads existing documents and a missing one with batchGet, over and over. */
  private async readOn(
    ids: readonly string[],
    end: AbortSignal,
  ): Promise<void> {
    const { reads } = this;
    while (!end.aborted) {
      const answer = await this.kuzzle.query(
        {
          ...{ controller: "batch", action: "batchGet" },
          ...{ index: INDEX, collection: COLLECTION },
          body: { ids: [...ids, "nowhere"] },
        },
        ANSWER_MS,
      );
      const result = answer.result as Record<
        "documents" | "not_found" | "errors",
        unknown[]
      > | null;
      reads.requests += 1;
      reads.found += result?.documents.length ?? 0;
      reads.errors += result?.errors.length ?? ids.length + 1;
      const missing = result?.not_found.filter(
        (entry) => JSON.stringify(entry).includes("nowhere") === false,
      );
      reads.falselyMissing += missing?.length ?? 0;
      await sleep(20);
    }
  }

  private flow(name: string): FlowFindings {
    return valueAt(this.flows, name, noFlowFindings);
  }
}

/** Ids of documents that exist all the while. */
function known(calls: readonly Call[]): string[] {
  return calls.flatMap(({ before, documents }) =>
    documents.flatMap(({ _id, isDeleted }) =>
      before.has(_id) && isDeleted !== true ? [_id] : [],
    ),
  );
}

function valueAt<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}
