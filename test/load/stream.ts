/**
 * How much memory Kuzzle needs to stream 100,000 documents of 1 KB to a reader that is as
 * fast as possible, and to one that is slower than the engine. `npm run test:stream` fails
 * if memory grows by 100 MB or a line is wrong.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { query, type KuzzleRequest } from "../../features/support/transports";
import { kuzzleUrl } from "../../features/support/environment";

const DOCUMENTS = 100_000;
const WARM_UP = 10_000;
const BATCH = 5_000;
const LIMIT_MB = 100;
const SAMPLE_MS = 100;
const PLACE = { index: "stream", collection: "documents" };

async function ask(asked: KuzzleRequest): Promise<Record<string, unknown>> {
  const { error, result } = await query(asked);
  assert.equal(error, null, JSON.stringify(error));
  return result as Record<string, unknown>;
}

async function memoryMb(): Promise<number> {
  const { rss } = await ask({ controller: "features", action: "memory" });
  return Number(rss) / 1024 ** 2;
}

async function load(): Promise<void> {
  await ask({ controller: "index", action: "create", index: PLACE.index });
  await ask({ controller: "collection", action: "create", ...PLACE, body: {} });
  const text = "x".repeat(1_000);
  for (let first = 0; first < DOCUMENTS; first += BATCH) {
    const documents = Array.from({ length: BATCH }, (_, i) => ({
      _id: String(first + i),
      body: { text },
    }));
    const { errors } = await ask({
      controller: "batch",
      action: "mWrite",
      source: false,
      ...PLACE,
      body: { documents },
    });
    assert.deepEqual(errors, []);
  }
}

async function openStream(documents: number): Promise<IncomingMessage> {
  const ids = Array.from({ length: documents }, (_, i) => String(i));
  const outgoing = request(
    `${kuzzleUrl}/_/batch/${PLACE.index}/${PLACE.collection}/_batchGet?format=ndjson`,
    { method: "POST", headers: { "content-type": "application/json" } },
  );
  outgoing.end(JSON.stringify({ ids }));
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  assert.equal(response.statusCode, 200);
  return response;
}

/** Every document once, the stats last. @param pauseMs pause after each 1,000 lines */
async function readAll(documents: number, pauseMs: number): Promise<void> {
  const response = await openStream(documents);
  const seen = new Set<string>();
  let last: { type?: string; stats?: { found?: number } } = {};
  let lines = 0;

  for await (const line of createInterface({ input: response })) {
    last = JSON.parse(line) as typeof last & { document?: { _id: string } };
    lines++;
    const { document } = last as { document?: { _id: string } };
    if (document !== undefined) {
      seen.add(document._id);
    }
    if (pauseMs > 0 && lines % 1_000 === 0) {
      await sleep(pauseMs);
    }
  }
  assert.equal(lines, documents + 1, "a line for each document, and the stats");
  assert.equal(seen.size, documents, "each document once");
  assert.equal(last.stats?.found, documents, "the stats are last");
}

async function measure(name: string, pauseMs: number): Promise<boolean> {
  const before = await memoryMb();
  let peak = before;
  let isReading = true;
  const sampling = (async () => {
    while (isReading) {
      peak = Math.max(peak, await memoryMb());
      await sleep(SAMPLE_MS);
    }
  })();
  const started = Date.now();
  await readAll(DOCUMENTS, pauseMs);
  const seconds = (Date.now() - started) / 1_000;
  isReading = false;
  await sampling;

  const grown = peak - before;
  console.log(
    `${name}: ${DOCUMENTS} documents in ${seconds.toFixed(1)} s, ` +
      `${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most: ` +
      `grown by ${grown.toFixed(0)} MB (allowed: ${LIMIT_MB})`,
  );
  return grown < LIMIT_MB;
}

async function main(): Promise<void> {
  await load();
  await readAll(WARM_UP, 0);
  const verdicts = [
    await measure("a reader as fast as can be", 0),
    await measure("a slow reader", 200),
  ];
  process.exitCode = verdicts.every(Boolean) ? 0 : 1;
}

void main();
