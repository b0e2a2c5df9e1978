/**
 * The longest time that a single request blocks a node's event loop, for the largest
 * possible requests, excluding the time to parse them (contract R14). `npm run test:bounds`
 * fails above 250 ms.
 */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import { kuzzleUrl } from "../../features/support/environment";
import { KuzzleClient } from "./KuzzleClient";
import { MAX_READ, PLACE, REQUESTS } from "./bounds/requests";

const MAX_BLOCK_MS = 250;
/** Another process may occupy the machine for a moment, but not each time. */
const ROUNDS = 3;
const STORED_TEXT = "x".repeat(6_000);
const STORED_AT_ONCE = 100;

const PATIENCE_MS = 180_000;

async function main(): Promise<void> {
  const kuzzle = await KuzzleClient.logIn(kuzzleUrl);
  await store(kuzzle);
  console.log(
    "| action | request | status | answer (MB) | took (s) | longest block (ms) |",
  );
  console.log("| --- | --- | --- | --- | --- | --- |");
  let failed = 0;
  for (const [action, what, request] of REQUESTS) {
    const body = JSON.stringify(request);
    const started = performance.now();
    JSON.parse(body);
    const parseMs = performance.now() - started;

    let blockMs = Infinity;
    let status = 0;
    let megabytes = 0;
    let seconds = 0;
    for (let i = 0; i < ROUNDS && blockMs > MAX_BLOCK_MS; i++) {
      await longestBlockMs(kuzzle);
      const sentAt = performance.now();
      const answer = await kuzzle.query(request, PATIENCE_MS);
      seconds = (performance.now() - sentAt) / 1_000;
      status = answer.status;
      megabytes = JSON.stringify(answer).length / 1024 ** 2;
      // what runs after the response counts as well
      await sleep(100);
      blockMs = Math.min(blockMs, (await longestBlockMs(kuzzle)) - parseMs);
    }
    if (blockMs > MAX_BLOCK_MS) {
      failed++;
      console.log(`✗ ${action}, ${what}: ${blockMs.toFixed(0)} ms`);
    }
    console.log(
      `| ${action} | ${what} | ${status} | ${megabytes.toFixed(1)} | ${seconds.toFixed(1)} | ${Math.max(0, blockMs).toFixed(0)} |`,
    );
  }
  console.log(`${REQUESTS.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function longestBlockMs(kuzzle: KuzzleClient): Promise<number> {
  const told = await kuzzle.ask({ controller: "features", action: "block" });
  return (told as { blockMs: number }).blockMs;
}

async function store(kuzzle: KuzzleClient): Promise<void> {
  await kuzzle.createCollection(PLACE.index, PLACE.collection);
  for (let first = 0; first < MAX_READ; first += STORED_AT_ONCE) {
    const documents = Array.from({ length: STORED_AT_ONCE }, (_, i) => ({
      _id: `s${first + i}`,
      body: { text: STORED_TEXT, field1: 1, field2: { a1: [1, 2, 3] } },
    }));
    await kuzzle.ask({
      ...{ controller: "bulk", action: "mWrite" },
      ...PLACE,
      body: { documents },
    });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
