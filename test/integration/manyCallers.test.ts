/** How concurrent callers affect each other. */
import { setTimeout as sleep } from "node:timers/promises";

import _ from "lodash";
import should from "should";

import { adminJwt } from "../../features/support/kuzzle";
import type { RunningKuzzle } from "../../scripts/stack/kuzzle";
import { startKuzzleBehind } from "./support/behindProxy";
import { FaultProxy, pass, type Fault } from "./support/FaultProxy";

const INDEX = "many-callers";
const CALLERS = 64;
/** Callers that cause trouble, late enough for their calls to be merged. */
const [POISON, LONG_IDS, LEAVES] = [20, 21, 22];

/** The maximum number of concurrent calls to the engine, for reads and for writes. */
const MAX_CALLS = 8;
/** Too many to share a call with others. */
const LARGE = _.range(200).map((i) => `stored-${i}`);

type Entry = Record<string, any>;
interface Answer {
  readonly status: number;
  readonly error: Entry | null;
  readonly result: Entry;
}

/** Long enough that calls arriving meanwhile wait and are merged. */
const HELD_MS = 80;

const held: Fault = async (call, response, forward) => {
  await sleep(HELD_MS);
  // as the engine does if it cannot read one line of a call
  if (call.body.includes("poison")) {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        error: { type: "illegal_argument_exception", reason: "Malformed" },
        status: 400,
      }),
    );
    return;
  }
  await pass(call, response, forward);
};

/** Calls for one collection take 2 s, as on slow storage. */
const slowOn =
  (collection: string): Fault =>
  async (call, response, forward) => {
    const place = `@&${INDEX}.${collection}`;
    if (
      decodeURIComponent(call.path).includes(place) ||
      call.body.includes(place)
    ) {
      await sleep(2_000);
    }
    await pass(call, response, forward);
  };

describe("many callers at once", function () {
  this.timeout(60_000);

  let proxy: FaultProxy;
  let kuzzle: RunningKuzzle;

  before(async () => {
    proxy = await FaultProxy.start();
    kuzzle = await startKuzzleBehind(proxy, "kuzzle-of-many-callers", {
      maxQueueMs: 1_000,
      maxConcurrency: MAX_CALLS,
    });
    await query({ controller: "index", action: "delete", index: INDEX });
    await query({ controller: "index", action: "create", index: INDEX });
    for (const collection of ["fast", "slow"]) {
      await query({
        controller: "collection",
        action: "create",
        index: INDEX,
        collection,
        body: {},
      });
    }
    const documents = Array.from({ length: 10 }, (_, i) => ({
      _id: `stored-${i}`,
      body: { n: i },
    }));
    await write(documents, { collection: "slow" });
    await write(documents);
  });

  after(async () => {
    proxy?.disturb("_bulk", INDEX, pass);
    await query({ controller: "index", action: "delete", index: INDEX });
    await kuzzle?.stop();
    await proxy?.stop();
  });

  afterEach(() => proxy.disturb("_bulk", INDEX, pass));

  async function query(request: Entry, signal?: AbortSignal): Promise<Answer> {
    const response = await fetch(`${kuzzle.url}/_query`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
      body: JSON.stringify(request),
      ...(signal && { signal }),
    });
    return (await response.json()) as Answer;
  }

  function write(
    documents: Entry[],
    args: Entry = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    return query(
      {
        controller: "batch",
        action: "mWrite",
        index: INDEX,
        collection: "fast",
        source: false,
        body: { documents },
        ...args,
      },
      signal,
    );
  }

  function read(ids: string[], collection = "fast"): Promise<Answer> {
    return query({
      controller: "batch",
      action: "batchGet",
      index: INDEX,
      collection,
      body: { ids },
    });
  }

  async function gauges(): Promise<string[]> {
    const answer = await fetch(`${kuzzle.url}/_/batch/metrics`, {
      headers: { authorization: `Bearer ${adminJwt()}` },
    });
    const text = await answer.text();
    return text
      .split("\n")
      .filter((line) => /^kuzzle_batch_inflight/.test(line));
  }

  /** The latency that one continuous reader observes, in milliseconds. */
  async function noticed(
    count: number,
  ): Promise<{ median: number; total: number; queued: number }> {
    const times: number[] = [];
    let queued = 0;
    for (let i = 0; i < count; i++) {
      const startedAt = performance.now();
      const { error, result } = await read(["stored-1", "stored-2"]);
      should(error).be.null();
      should(result.documents).have.length(2);
      times.push(performance.now() - startedAt);
      queued += (result.stats as { queueMs: number }).queueMs;
    }
    times.sort((a, b) => a - b);
    const median = times[Math.floor(count / 2)] as number;
    return { median, total: _.sum(times), queued };
  }

  it("[R12] a rejected body, long ids and a disconnected caller affect no other writer", async () => {
    proxy.disturb("_bulk", "", held);
    const leaving = new AbortController();
    const answers = Array.from({ length: CALLERS }, (_, caller) => {
      const documents = [0, 1].map((i) => ({
        _id: caller === LONG_IDS ? "x".repeat(513) : `w-${caller}-${i}`,
        body: { n: i, text: caller === POISON ? "poison" : "sound" },
      }));
      return write(
        documents,
        {},
        caller === LEAVES ? leaving.signal : undefined,
      );
    });
    const settled = Promise.allSettled(answers);
    await sleep(HELD_MS / 2);
    leaving.abort();
    const all = await settled;

    should(all[POISON]).containDeep({
      value: { result: { errors: [{ status: 400 }, { status: 400 }] } },
    });
    should(all[LONG_IDS]).containDeep({
      value: {
        result: { errors: [{ code: "invalid" }, { code: "invalid" }] },
      },
    });
    should(all[LEAVES]?.status).equal("rejected");
    const others = all.filter(
      (_, i) => i !== POISON && i !== LONG_IDS && i !== LEAVES,
    );
    for (const other of others) {
      should(other).containDeep({
        value: {
          error: null,
          result: { successes: [{ _version: 1 }, { _version: 1 }], errors: [] },
        },
      });
    }
    // few calls for all of them: they were merged
    should(proxy.seen.length).be.below(CALLERS / 2);
    await proxy.quiet();
    const written = await read(
      Array.from({ length: CALLERS }, (_, caller) => `w-${caller}-1`),
    );
    const ids = (written.result.documents as Entry[]).map(({ _id }) => _id);
    should(ids).not.containEql(`w-${POISON}-1`);
    // what the disconnected caller sent may or may not be written, as natively
    should(ids.length).be.within(CALLERS - 3, CALLERS - 2);
    should(await gauges()).matchEvery(/ 0$/);
  });

  it("[R12] a caller whose call the engine rejects affects no other reader", async () => {
    proxy.disturb("_mget", "", held);
    const answers = await Promise.all(
      Array.from({ length: CALLERS }, (_, caller) =>
        read(caller === POISON ? ["poison"] : ["stored-1", `none-${caller}`]),
      ),
    );
    answers.forEach(({ result }, caller) => {
      should(result.errors).have.length(caller === POISON ? 1 : 0);
      should(result.documents).have.length(caller === POISON ? 0 : 1);
      should(result.not_found).eql(caller === POISON ? [] : [`none-${caller}`]);
    });
    should(proxy.seen.length).be.below(CALLERS / 2);
  });

  it("[R12] reads do not wait for the calls of another collection, on slow storage", async () => {
    await noticed(100);
    const alone = await noticed(100);
    proxy.disturb("_mget", "", slowOn("slow"));
    let isOver = false;
    // small ones, which are merged, and as many large ones as there are slots
    const slow = Array.from({ length: 2 * MAX_CALLS }, async (_none, i) => {
      while (!isOver) {
        await read(i < MAX_CALLS ? ["stored-1"] : LARGE, "slow");
      }
    });
    // until it is known to be slow, and the calls that held all slots before have ended
    await sleep(2_500);
    const beside = await noticed(100);
    isOver = true;
    await Promise.all(slow);

    // slow calls could only cost waiting time, which the plugin itself measures to the
    // millisecond, however busy the machine is
    should(beside.queued).be.belowOrEqual(0.2 * alone.total);
    should(beside.median).be.below(1.2 * alone.median + 50);
  });

  it("[R12] reads do not wait for writes that wait for a refresh", async () => {
    let isOver = false;
    let n = 0;
    const writers = Array.from({ length: 32 }, async () => {
      while (!isOver) {
        await write([{ _id: `r-${n++}`, body: { n } }], {
          refresh: "wait_for",
        });
      }
    });
    await sleep(200);
    const { median: beside } = await noticed(30);
    isOver = true;
    await Promise.all(writers);

    // a refresh happens once per second
    should(beside).be.below(300);
    should(await gauges()).matchEvery(/ 0$/);
  });

  it("[R12] a request that cannot be sent within maxQueueMs is rejected, and nothing of it is written", async () => {
    const slow: Fault = async (call, response, forward) => {
      await sleep(2_500);
      await pass(call, response, forward);
    };
    proxy.disturb("_bulk", "", slow);
    const answers: Promise<Answer>[] = [];
    for (let i = 0; i < 12; i++) {
      answers.push(write([{ _id: `q-${i}`, body: { n: i } }]));
      // separate from the others, because by then each call is late
      await sleep(150);
    }
    const all = await Promise.all(answers);
    const refused = all.flatMap(({ status }, i) => (status === 503 ? [i] : []));

    should(refused).not.be.empty();
    for (const i of refused) {
      should(all[i]?.error).containEql({ id: "batch.engine.unavailable" });
    }
    await proxy.quiet();
    const { result } = await read(refused.map((i) => `q-${i}`));
    should(result.documents).eql([]);
    should(await gauges()).matchEvery(/ 0$/);
  });
});
