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
    should(result).containDeep({ errors: [], stats: { engineCalls: 6 } });

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
});
