/**
 * A first start on an engine that needs longer to create an index than Kuzzle allows a
 * plugin for its start, as observed with three nodes on one disk; and the calls of an idle
 * node to the engine.
 */
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import type { RunningKuzzle } from "../../scripts/stack/kuzzle";
import type { Answer } from "../../features/support/transports";
import { startKuzzleBehind } from "./support/behindProxy";
import { ask, createCollection, deleteCollection } from "./support/engine";
import { FaultProxy, pass, type Fault } from "./support/FaultProxy";
import { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";

const INDEX = "slow-start";
const COLLECTION = "documents";
const JOURNALS = encodeURIComponent("%plugin-batch.journals");
/** Kuzzle's default for `plugins.common.initTimeout` is 10 seconds. */
const CREATION_MS = 14_000;
const IDLE_MS = 40_000;

describe("a first start on a slow engine", function () {
  this.timeout(180_000);

  let proxy: FaultProxy;
  let kuzzle: RunningKuzzle;
  let asAdmin: KuzzleAsAdmin;

  before(async () => {
    await ask("DELETE", `/${JOURNALS}?ignore_unavailable=true`);
    await createCollection(INDEX, COLLECTION, {});
    proxy = await FaultProxy.start();
    proxy.disturb(JOURNALS, "plugin-batch", slowCreation);
  });

  after(async () => {
    await kuzzle?.stop();
    await proxy.stop();
    await deleteCollection(INDEX, COLLECTION);
  });

  let created = false;
  const slowCreation: Fault = async (call, response, send) => {
    if (call.method === "PUT") {
      await sleep(CREATION_MS);
      created = true;
    }
    await pass(call, response, send);
  };

  function write(): Promise<Answer> {
    return asAdmin.query({
      ...{ controller: "batch", action: "mWrite", atomic: true },
      ...{ index: INDEX, collection: COLLECTION },
      body: { documents: [{ _id: "a", body: { n: 1 } }] },
    });
  }

  it("[W3] ends in time, and atomic batches are 503 until the index exists", async () => {
    kuzzle = await startKuzzleBehind(proxy, "kuzzle-on-a-slow-engine", {});
    should(created).be.false();
    asAdmin = new KuzzleAsAdmin(kuzzle);
    const early = await write();
    should(early).containDeep({
      status: 503,
      error: { id: "batch.engine.unavailable" },
    });

    while (!created) await sleep(200);
    const deadline = performance.now() + 10_000;
    let late = await write();
    while (late.status !== 200 && performance.now() < deadline) {
      await sleep(500);
      late = await write();
    }
    should(late.status).equal(200);
  });

  it("[R12, W3] an idle node sends almost no requests to the engine", async () => {
    // until the journal of the previous batch is finished
    await ask(
      "POST",
      `/${JOURNALS}/_delete_by_query?refresh&conflicts=proceed`,
      {
        query: { match_all: {} },
      },
    );
    await sleep(11_000);
    proxy.watch("plugin-batch");
    await sleep(IDLE_MS);

    should(proxy.seen.map(({ path }) => path).length).be.belowOrEqual(2);
  });
});
