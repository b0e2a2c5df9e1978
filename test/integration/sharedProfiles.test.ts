/** Kuzzle's rate limits and rights for requests that share one read of their profiles. */
import should from "should";

import {
  asAdmin,
  createCollection,
  releaseCollection,
  userWho,
} from "../../features/support/kuzzle";
import { query, type Answer } from "../../features/support/transports";

const INDEX = "shared-profiles";
const COLLECTION = "books";
const LIMIT = 3;
const ACTIONS = ["batch:batchGet", "document:mGet", "auth:getCurrentUser"];

describe("a request whose profiles are read once", () => {
  let jwt: string;
  let profileId: string;

  before(async () => {
    await createCollection(`${INDEX}:${COLLECTION}`);
    jwt = await userWho(ACTIONS.map((action) => ({ action, where: [] })));
    const { result } = await query({
      controller: "auth",
      action: "getCurrentUser",
      jwt,
    });
    [profileId] = (
      result as { _source: { profileIds: [string] } }
    )._source.profileIds;
  });

  after(() => releaseCollection(`${INDEX}:${COLLECTION}`, false));

  async function change(body: object): Promise<void> {
    const { result } = await asAdmin({
      controller: "security",
      action: "getProfile",
      _id: profileId,
    });
    const { _source } = result as { _source: { policies: object[] } };
    await asAdmin({
      controller: "security",
      action: "createOrReplaceProfile",
      _id: profileId,
      body: { policies: _source.policies, ...body },
    });
  }

  const read = (): Promise<Answer> =>
    query({
      controller: "batch",
      action: "batchGet",
      index: INDEX,
      collection: COLLECTION,
      body: { ids: ["none"] },
      jwt,
    });

  it("[R5] has a rate limit, from when it is set to when it is lifted", async () => {
    const statuses = async (): Promise<number[]> =>
      (await Promise.all(Array.from({ length: 20 }, read))).map(
        ({ status }) => status,
      );
    await change({ rateLimit: LIMIT });
    // a new second may begin in between, and reset the count
    const allowed = (await statuses()).filter((status) => status === 200);
    should(allowed.length).be.within(LIMIT, 2 * LIMIT);

    await change({ rateLimit: 0 });
    should(await statuses()).matchEvery(200);
  });

  it("[R5] has the rights at the moment of its arrival", async () => {
    should(await read()).containEql({ status: 200 });
    await asAdmin({
      controller: "security",
      action: "createOrReplaceProfile",
      _id: profileId,
      body: { policies: [{ roleId: "anonymous" }] },
    });
    should(await read()).containEql({ status: 403 });
  });
});
