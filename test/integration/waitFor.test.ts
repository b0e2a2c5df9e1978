import should from "should";

import {
  asAdmin,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { ask, collectionPath } from "./support/engine";

const PLACE = { index: "engine-waits", collection: "documents" };

describe("mWrite with refresh=wait_for", () => {
  const address = `${PLACE.index}:${PLACE.collection}`;

  before(() => createCollection(address));
  after(() => releaseCollection(address, false));

  it("[W4] holds for each document of several chunks and waves", async () => {
    const round = (count: number, n: number) =>
      Array.from({ length: count }, (_, i) => ({
        _id: String(i),
        body: { round: n },
      }));
    // the application under test sends 50 at a time
    const { result } = await asAdmin({
      controller: "batch",
      action: "mWrite",
      ...PLACE,
      refresh: "wait_for",
      source: false,
      body: { documents: [...round(120, 1), ...round(70, 2), ...round(1, 3)] },
    });
    const { errors, stats } = result as any;
    should(errors).eql([]);
    // fewer if the lane merges what waits meanwhile
    should(stats.engineCalls).be.within(4, 7);

    const { hits } = await ask(
      "GET",
      collectionPath(PLACE.index, PLACE.collection, "_search?size=200"),
    );
    const seen = Object.fromEntries(
      (hits.hits as any[]).map(({ _id, _source }) => [_id, _source.round]),
    );
    const expected = Object.fromEntries(
      Array.from({ length: 120 }, (_, i) => [
        String(i),
        i === 0 ? 3 : i < 70 ? 2 : 1,
      ]),
    );
    should(seen).eql(expected);
  }).timeout(30_000);

  const REPEATS = 40;
  /** One refresh per second: waiting for one each would take 40 seconds. */
  const BOUND_MS = 15_000;

  it("[W4, R14] waits for one refresh, however often a document is written", async () => {
    const startedAt = performance.now();
    const documents = Array.from({ length: REPEATS }, (_, n) => [
      { _id: "often", body: { round: n } },
      // the last write of each document is in one of many waves
      { _id: `u${n % 20}`, body: { round: n } },
      { _id: `v${n}`, body: { round: n } },
    ]);
    const { result } = await asAdmin({
      ...{ controller: "batch", action: "mWrite", ...PLACE },
      ...{ refresh: "wait_for", source: false },
      body: {
        documents: [
          ...documents.flat(),
          { _id: "failed", body: { round: 1 } },
          { _id: "failed", body: { round: 2 }, ifAbsent: true },
        ],
      },
    });
    const tookMs = performance.now() - startedAt;
    should((result as any).errors.map(({ code }: any) => code)).eql([
      "version_conflict",
    ]);
    should(tookMs).be.below(BOUND_MS);

    const { hits } = await ask(
      "GET",
      collectionPath(PLACE.index, PLACE.collection, "_search?size=1000"),
    );
    const seen = new Map(
      (hits.hits as any[]).map(({ _id, _source }) => [_id, _source.round]),
    );
    should(seen.get("often")).equal(REPEATS - 1);
    should(seen.get("failed")).equal(1);
    for (let n = 0; n < REPEATS; n++) {
      should(seen.get(`v${n}`)).equal(n);
      should(seen.get(`u${n % 20}`)).equal(20 + (n % 20));
    }
  }).timeout(600_000);
});
