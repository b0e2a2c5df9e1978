/** A Kuzzle behind a proxy that acts at a given moment, with its own index. */
import { setTimeout as sleep } from "node:timers/promises";

import should from "should";

import type { RunningKuzzle } from "../../../scripts/stack/kuzzle";
import { startKuzzleBehind } from "./behindProxy";
import { FaultProxy, only, pass } from "./FaultProxy";
import { storeDocuments, type Place } from "./fiveActions";
import { KuzzleAsAdmin } from "./KuzzleAsAdmin";

const IDLE_MS = 10_000;

/** Short times, so that waiting for the engine ends soon. */
const CONFIG = {
  ...{ engineTimeoutMs: 3_000, maxRetries: 2 },
  ...{ retryBaseDelayMs: 10, retryMaxDelayMs: 50 },
  ...{ journalLeaseMs: 3_000, journalTaskWaitMs: 1_000, journalSweepMs: 100 },
};

export class ProxiedKuzzle {
  readonly kuzzle: KuzzleAsAdmin;
  private places = 0;

  private constructor(
    readonly proxy: FaultProxy,
    private readonly running: RunningKuzzle,
    private readonly index: string,
  ) {
    this.kuzzle = new KuzzleAsAdmin(running);
  }

  /** @param name name for its logs */
  static async start(name: string, index: string): Promise<ProxiedKuzzle> {
    const proxy = await FaultProxy.start();
    try {
      const running = await startKuzzleBehind(proxy, name, CONFIG);
      const started = new ProxiedKuzzle(proxy, running, index);
      await started.kuzzle.createIndex(index);
      return started;
    } catch (error) {
      await proxy.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.kuzzle.deleteIndex(this.index);
    await this.running.stop();
    await this.proxy.stop();
  }

  /** @returns a new collection, with the documents that the five actions use */
  async newPlace(): Promise<Place> {
    const place = { index: this.index, collection: `c${++this.places}` };
    await this.kuzzle.createCollection(place.index, place.collection);
    await storeDocuments(place);
    return place;
  }

  /** Runs `act` just before the engine receives the next bulk. */
  beforeBulk(act: () => Promise<unknown>): void {
    const first = only(
      (nth) => nth === 0,
      async (...call) => {
        await act();
        await pass(...call);
      },
    );
    this.proxy.disturb("_bulk", "", first);
  }

  /** Waits until no call is in flight and no journal is pending. */
  async untilIdle(): Promise<void> {
    const deadline = Date.now() + IDLE_MS;
    for (;;) {
      const inflight = await this.kuzzle.metric("kuzzle_batch_inflight");
      const journals = await this.kuzzle.metric(
        "kuzzle_batch_journals_pending",
      );
      if (inflight + journals === 0) return;
      should(Date.now()).be.below(deadline, `${inflight} calls in progress`);
      await sleep(50);
    }
  }
}
