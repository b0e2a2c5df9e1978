/**
 * Collections whose index was created in Elasticsearch as Kuzzle never would: with required
 * routing, or as several indexes behind one alias.
 */
import should from "should";

import {
  adminJwt,
  createCollection,
  releaseCollection,
} from "../../features/support/kuzzle";
import { query, type Answer } from "../../features/support/transports";
import { ACTIONS, type Action } from "../support/actions";
import { ask, collectionPath } from "./support/engine";
import { errorsOf, requestOf, type Place } from "./support/fiveActions";

const INDEX = "foreign-indexes";
const SECOND = "second-foreign-index";
const NO_REPLICAS = { settings: { number_of_replicas: 0 } };

describe("a collection that is not a plain index", function () {
  this.timeout(60_000);

  const place: Place = { index: INDEX, collection: "documents" };
  const address = `${INDEX}:${place.collection}`;
  const own = `&${INDEX}.${place.collection}`;
  const ownPath = `/${encodeURIComponent(own)}`;
  const aliasPath = (rest: string) =>
    collectionPath(INDEX, place.collection, rest);

  beforeEach(() => createCollection(address));
  afterEach(() => releaseCollection(address, false));

  function send(action: Action, args: object = {}): Promise<Answer> {
    const request = { controller: "batch", action, ...requestOf(action) };
    return query({ ...request, ...place, ...args, jwt: adminJwt() });
  }

  function assertEachFails(answer: Answer): void {
    const { error, result } = answer;
    should(error).be.null();
    const { successes, results, documents, not_found: missing } = result as any;
    should([successes, results, documents, missing].flat().filter(Boolean)).eql(
      [],
    );
    should(errorsOf(answer).length).be.aboveOrEqual(3);
  }

  async function countIn(path: string): Promise<number> {
    await ask("POST", `${path}/_refresh`);
    return (await ask("GET", `${path}/_count`)).count as number;
  }

  describe("because its documents require routing", () => {
    beforeEach(async () => {
      await ask("DELETE", ownPath);
      await ask("PUT", ownPath, {
        ...{ ...NO_REPLICAS, aliases: { [`@${own}`]: {} } },
        mappings: { _routing: { required: true } },
      });
      await ask("PUT", aliasPath("_doc/a?routing=x"), { n: 0 });
    });

    for (const action of ACTIONS) {
      it(`[R2, R9, W3] ${action} calls nothing missing or written`, async () => {
        const answer = await send(action);
        if (action === "atomic") {
          should(answer.error?.id).equal("batch.engine.unavailable");
        } else {
          assertEachFails(answer);
        }
        should(await countIn(ownPath)).equal(1);
        const kept = await ask("GET", aliasPath("_doc/a?routing=x"));
        should(kept._source).eql({ n: 0 });
      });
    }
  });

  describe("because its alias refers to two indexes", () => {
    beforeEach(async () => {
      await ask("PUT", aliasPath("_doc/a"), { n: 0 });
      await ask("PUT", `/${SECOND}`, NO_REPLICAS);
      const alias = `@${own}`;
      await ask("POST", "/_aliases", {
        actions: [{ add: { index: SECOND, alias, is_write_index: true } }],
      });
    });
    afterEach(() => ask("DELETE", `/${SECOND}`));

    it("[R2] batchGet reports nothing as missing", async () => {
      assertEachFails(await send("batchGet"));
    });

    it("[W1] mWrite writes to the write index, as Elasticsearch does", async () => {
      const { result } = await send("mWrite");
      should((result as any).successes).have.length(4);
      should(await countIn(`/${SECOND}`)).equal(4);
      should(await countIn(ownPath)).equal(1);
    });

    for (const action of ["strict", "atomic"]) {
      it(`[W2, W3] ${action} writes nothing: it is not known to which of them`, async () => {
        const { error } = await send("mWrite", { [action]: true });
        should(error).containEql({
          id: "batch.engine.unavailable",
          status: 503,
        });
        should(error?.message).match(/several indexes/);
        should(await countIn(`/${SECOND}`)).equal(0);
        should(await countIn(ownPath)).equal(1);
      });
    }
  });
});
