/** A node whose machine's clock is ten minutes ahead, next to one whose clock is right. */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import {
  asAdmin,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import type { RunningKuzzle } from "../../scripts/stack/kuzzle";
import { startSecondKuzzle } from "./support/behindProxy";
import { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";

const PLACE = { index: "clock-skew", collection: "documents" };
const CLOCK_AHEAD = path.join(__dirname, "support", "clockAhead.cjs");
/** Much longer than the interval between two sweeps, but shorter than a lease. */
const DELAY_MS = 3_000;

describe("a node whose clock is ahead", function () {
  this.timeout(60_000);

  const address = `${PLACE.index}:${PLACE.collection}`;
  let running: RunningKuzzle;
  let ahead: KuzzleAsAdmin;

  before(async () => {
    await createCollection(address);
    // it sweeps four times during one of its own leases
    const batch = {
      ...{ engineTimeoutMs: 1_000, journalLeaseMs: 1_000 },
      journalSweepMs: 100,
    };
    const env = { NODE_OPTIONS: `--require ${CLOCK_AHEAD}` };
    running = await startSecondKuzzle("kuzzle-ahead-of-time", batch, env);
    ahead = new KuzzleAsAdmin(running);
  });

  after(async () => {
    await running?.stop();
    await releaseCollection(address, false);
  });

  const writeOf = (n: number) => ({
    ...{ controller: "batch", action: "mWrite", ...PLACE, atomic: true },
    body: { documents: ["a", "b"].map((_id) => ({ _id, body: { n } })) },
  });

  it("[W3] does not touch the batch of a slow node within its lease", async () => {
    await asAdmin({
      ...{ controller: "features", action: "interfere" },
      body: { plan: { step: "bulk", kind: "delay", delayMs: DELAY_MS } },
    });
    const answer = asAdmin(writeOf(1));
    await sleep(DELAY_MS / 2);
    should(await ahead.metric("kuzzle_batch_journals_pending")).equal(1);
    const { result } = await answer;
    should(result).match({ atomic: { state: "committed" } });
  });

  it("[W3] commits its own batches", async () => {
    const { error, result } = await ahead.query(writeOf(2));
    should(error).be.null();
    should(result).match({ atomic: { state: "committed" } });
  });
});
