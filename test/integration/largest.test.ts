/** How long the largest writes keep a node from answering others. */
import { performance } from "node:perf_hooks";

import should from "should";

import { environment } from "../../features/support/environment";
import {
  adminJwt,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";

const INDEX = "engine-largest";
const COLLECTION = "documents";
/** Contract R14: beyond what parsing the request takes. */
const MAX_BLOCK_MS = 250;
/** Somebody else may have the machine for a moment, but not each time. */
const MAX_ROUNDS = 5;
const URL = `http://${environment.kuzzleHost}:${environment.kuzzlePort}`;

/** JSON of a list of as many entries as the largest request holds. */
function largest(entry: (position: number) => unknown): string {
  const entries: string[] = [];
  for (let bytes = 0; ;) {
    const next = JSON.stringify(entry(entries.length));
    bytes += Buffer.byteLength(next) + 1;
    if (bytes > 1024 * 1024 - 1_000) {
      return `[${entries.join(",")}]`;
    }
    entries.push(next);
  }
}

const OPERATIONS: Record<string, string> = {
  "write, without ids": largest(() => ({ write: { body: {} } })),
  "write, as text": largest((i) => ({ write: { _id: `t${i}`, json: "{}" } })),
  "write, of a few ids": largest((i) => ({
    write: { _id: `r${i % 20}`, body: { text: "long enough".repeat(100) } },
  })),
  "delete, of what is not there": largest((i) => ({
    delete: { _id: `nowhere${i}` },
  })),
  "delete, in turns with write": largest((i) => ({
    [i % 2 === 0 ? "write" : "delete"]: { _id: `w${i}`, body: {} },
  })),
  "no operations at all": largest(() => ({})),
  "unknown operations": largest(() => ({ destroy: { _id: "a" } })),
  "one of many fields": largest((i) => (i === 0 ? {} : { [`f${i}`]: i })),
};

describe("the largest batchWrite", function () {
  this.timeout(120_000);

  const address = `${INDEX}:${COLLECTION}`;

  before(() => createCollection(address));
  after(() => releaseCollection(address, false));

  for (const [name, operations] of Object.entries(OPERATIONS)) {
    it(`[R14, M2] lets others have their turn: ${name}`, async () => {
      const body = `{"operations":${operations}}`;
      const started = performance.now();
      JSON.parse(body);
      const allowedMs = performance.now() - started + MAX_BLOCK_MS;

      let blockMs = Infinity;
      for (let round = 0; round < MAX_ROUNDS && blockMs > allowedMs; round++) {
        blockMs = Math.min(blockMs, await longestWait(body));
      }
      should(blockMs).be.below(allowedMs);
    });
  }

  /** @returns the longest time, ms, that others waited for an answer meanwhile */
  async function longestWait(body: string): Promise<number> {
    let isDone = false;
    const sent = fetch(`${URL}/_/batch/${INDEX}/${COLLECTION}/_batchWrite`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
      body,
    }).then(async (response) => {
      should(response.status).be.oneOf([200, 400]);
      await response.arrayBuffer();
      isDone = true;
    });
    let longest = 0;
    while (!isDone) {
      const started = performance.now();
      await (await fetch(`${URL}/_now`)).arrayBuffer();
      longest = Math.max(longest, performance.now() - started);
    }
    await sent;
    return longest;
  }
});
