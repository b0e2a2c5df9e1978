/** Collections that are moved or deleted in Elasticsearch in the middle of a batch. */
import should from "should";

import { ask } from "./support/engine";
import {
  assertAccountedFor,
  assertDone,
  errorsOf,
  readSources,
  send,
  type Place,
} from "./support/fiveActions";
import type { KuzzleAsAdmin } from "./support/KuzzleAsAdmin";
import { ProxiedKuzzle } from "./support/ProxiedKuzzle";

const INDEX = "moved-collections";
const OTHER = "other-engine-index";

const indexOf = ({ index, collection }: Place): string =>
  `&${index}.${collection}`;
const pathOf = (place: Place): string =>
  `/${encodeURIComponent(indexOf(place))}`;

describe("a collection that changes in the middle of a batch", function () {
  this.timeout(30_000);

  let proxied: ProxiedKuzzle;
  let kuzzle: KuzzleAsAdmin;
  let place: Place;

  before(async () => {
    proxied = await ProxiedKuzzle.start("kuzzle-with-moved-collections", INDEX);
    ({ kuzzle } = proxied);
  });
  after(() => proxied?.stop());

  beforeEach(async () => {
    place = await proxied.newPlace();
  });

  describe("because its alias is moved to another index", () => {
    beforeEach(() =>
      ask("PUT", `/${OTHER}`, { settings: { number_of_replicas: 0 } }),
    );
    afterEach(() => ask("DELETE", `/${OTHER}`));

    function move(from: string, to: string): Promise<unknown> {
      const alias = `@${indexOf(place)}`;
      return ask("POST", "/_aliases", {
        actions: [
          { remove: { index: from, alias } },
          { add: { index: to, alias } },
        ],
      });
    }

    it("[W3, W6] an atomic batch is complete in its original index", async () => {
      proxied.beforeBulk(() => move(indexOf(place), OTHER));
      const answer = await send(kuzzle, "atomic", place);
      should(await readSources(place)).have.size(0);

      await move(OTHER, indexOf(place));
      await proxied.untilIdle();
      assertDone("atomic", answer, await readSources(place));
    });

    it("[R1] mWrite has written to the index behind the alias, and nowhere else", async () => {
      proxied.beforeBulk(() => move(indexOf(place), OTHER));
      const answer = await send(kuzzle, "mWrite", place);
      assertDone("mWrite", answer, await readSources(place));

      await move(OTHER, indexOf(place));
      const left = [...(await readSources(place)).values()];
      should(left.map((source: any) => source.n)).eql([0, 0, 0]);
    });

    it("[R1, R9] mUpdate finds no document there, and has changed none", async () => {
      proxied.beforeBulk(() => move(indexOf(place), OTHER));
      const answer = await send(kuzzle, "mUpdate", place);
      should(errorsOf(answer).map(({ code }) => code)).eql(
        new Array(3).fill("not_found"),
      );
      await move(OTHER, indexOf(place));
      assertAccountedFor("mUpdate", answer, await readSources(place));
    });
  });

  for (const isAnew of [false, true]) {
    it(`[M3, W3, W6] one of two that is deleted${isAnew ? " and created anew" : ""}: an atomic batch is rolled back in the other`, async () => {
      const other = await proxied.newPlace();
      proxied.beforeBulk(async () => {
        await ask("DELETE", pathOf(other));
        if (isAnew) {
          const aliases = { [`@${indexOf(other)}`]: {} };
          await ask("PUT", pathOf(other), { aliases });
          await ask("PUT", `${pathOf(other)}/_doc/a`, { foreign: true });
        }
      });
      const before = await readSources(place);
      const { error } = await kuzzle.query({
        ...{ controller: "batch", action: "batchWrite", index: INDEX },
        atomic: true,
        body: {
          operations: [place, other].flatMap(({ collection }) => [
            { update: { _id: "a", collection, body: { n: 1 } } },
            { delete: { _id: "b", collection } },
            { create: { _id: "d", collection, body: { n: 1 } } },
          ]),
        },
      });
      await proxied.untilIdle();

      should(error).match({ id: "batch.write.rolled_back", status: 503 });
      should(error?.errors?.map(({ code }: any) => code)).eql([
        ...["other", "other", "other"],
        ...["unavailable", "unavailable", "unavailable"],
      ]);
      should(await readSources(place)).eql(before);
      if (isAnew) {
        should([...(await readSources(other))]).eql([["a", { foreign: true }]]);
      } else {
        const [exists] = await Promise.allSettled([ask("GET", pathOf(other))]);
        should(exists?.status).equal("rejected");
      }
    });
  }
});
