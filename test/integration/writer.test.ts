/** The client's writer against a running Kuzzle. */
import { Kuzzle, WebSocket } from "kuzzle-sdk";
import should from "should";

import { BatchError, useBatch } from "../../client/index";
import { environment } from "../../features/support/environment";
import {
  createCollection,
  releaseCollection,
  userWho,
} from "../../features/support/kuzzle";

const INDEX = "writer-tests";
const OPEN = "open";
const CLOSED = "closed";

const RIGHTS = [
  ...["batch:limits", "batch:batchGet", "batch:batchWrite"],
  ...["document:mGet", "document:mUpsert", "document:mUpdate"],
  ...["document:mCreate", "document:mDelete"],
].map((action) => ({
  action,
  where: action.startsWith("batch:") ? [] : [`${INDEX}:${OPEN}`],
}));

describe("the client's writer on a running Kuzzle", function () {
  this.timeout(60_000);
  let kuzzle: Kuzzle;

  before(async () => {
    await createCollection(`${INDEX}:${OPEN}`);
    await createCollection(`${INDEX}:${CLOSED}`);
    const { kuzzleHost, kuzzlePort } = environment;
    kuzzle = new Kuzzle(new WebSocket(kuzzleHost, { port: kuzzlePort }));
    await kuzzle.connect();
    kuzzle.jwt = await userWho(RIGHTS);
  });

  after(async () => {
    kuzzle?.disconnect();
    await releaseCollection(`${INDEX}:${OPEN}`, false);
    await releaseCollection(`${INDEX}:${CLOSED}`, false);
  });

  it("does each document's operations in order, whatever becomes of others [M2]", async () => {
    const writer = useBatch(kuzzle).writer({ index: INDEX, collection: OPEN });
    const ids = Array.from({ length: 300 }, (_, n) => `d${n}`);

    const outcomes = ids.map(async (_id, n) => {
      const all = await Promise.allSettled([
        writer.upsert({ _id, changes: { n } }),
        writer.update({ _id, body: { n: n + 1 } }),
        writer.create({ _id, body: {} }),
        writer.get<{ n: number }>({ _id }),
        writer.delete({ _id, collection: CLOSED }),
        writer.delete({ _id }),
        writer.get({ _id }),
      ]);
      return all.map((each, i) => {
        if (each.status === "rejected") {
          const { errors, status } = each.reason as BatchError;
          return errors[0]?.code ?? status;
        }
        if (i === 3) return Number((each.value as any)._source.n) - n;
        return each.value === null ? null : (each.value as any)._version;
      });
    });
    await writer.close();

    for (const outcome of await Promise.all(outcomes)) {
      should(outcome).eql([1, 2, "version_conflict", 1, 403, 3, null]);
    }
  });
});
