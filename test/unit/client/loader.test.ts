import should from "should";

import { BatchError } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk } from "./support/FakeSdk";

function sdkWith(...places: string[]): FakeSdk {
  const sdk = new FakeSdk();
  for (const place of places) sdk.plugin.state.set(place, { place });
  return sdk;
}

describe("the client's loader", () => {
  it("makes one batchGet per index of the gets of one tick", async () => {
    const sdk = sdkWith("i/a/1", "i/b/1", "j/a/2");
    const loader = batchOn(sdk).loader({ source: ["place"] });

    const all = await Promise.all([
      loader.get("i", "a", "1"),
      loader.get("i", "b", "1"),
      loader.get("i", "b", "none"),
      loader.get("j", "a", "2"),
    ]);

    should(all.map((each) => each?._source["place"])).eql([
      "i/a/1",
      "i/b/1",
      undefined,
      "j/a/2",
    ]);
    should(all[2]).be.null();
    should(sdk.requests.map(({ index, source }) => [index, source])).eql([
      ["i", ["place"]],
      ["j", ["place"]],
    ]);
  });

  it("requests a document once, and again when it is cleared", async () => {
    const sdk = sdkWith("i/a/1", "i/a/2");
    const loader = batchOn(sdk).loader();
    const both = (): Promise<unknown> =>
      Promise.all([loader.get("i", "a", "1"), loader.get("i", "a", "2")]);

    await both();
    await both();
    should(sdk.requests).have.length(1);

    loader.clear("i", "a", "1");
    await both();
    should(sdk.requests[1]?.body?.documents).eql([
      { _id: "1", collection: "a" },
    ]);

    loader.clear();
    await both();
    should(sdk.requests[2]?.body?.documents).have.length(2);
  });

  it("shares nothing with another loader", async () => {
    const sdk = sdkWith("i/a/1");
    const batch = batchOn(sdk);

    await batch.loader().get("i", "a", "1");
    await batch.loader().get("i", "a", "1");

    should(sdk.requests).have.length(2);
  });

  it("rejects only the promise of the document that failed, and requests it again", async () => {
    const sdk = sdkWith("i/a/1", "i/a/2");
    let fails = true;
    sdk.fault = async (request, execute) => {
      const answer: any = await execute();
      if (request.action === "limits" || !fails) return answer;
      const [{ _id, collection }] = answer.result.documents.splice(1, 1);
      answer.result.errors.push({
        ...{ _id, collection, position: 1, status: 503 },
        ...{ code: "unavailable", reason: "no shard", retryable: true },
      });
      return answer;
    };
    const loader = batchOn(sdk).loader();

    const [one, two] = await Promise.allSettled([
      loader.get("i", "a", "1"),
      loader.get("i", "a", "2"),
    ]);
    fails = false;

    should(one).match({ status: "fulfilled", value: { _id: "1" } });
    should(two).match({ status: "rejected" });
    should((two as PromiseRejectedResult).reason).be.instanceOf(BatchError);
    should((two as PromiseRejectedResult).reason).match({
      status: 503,
      errors: [{ code: "unavailable" }],
    });
    should(await loader.get("i", "a", "2")).match({ _id: "2" });
  });

  it("keeps a collection that may not be read from spoiling the others", async () => {
    const sdk = sdkWith("i/a/1", "i/b/1", "i/c/1");
    sdk.fault = async (request, execute) => {
      const { documents = [] } = request.body ?? {};
      if (documents.some(({ collection }) => collection === "b")) {
        throw new FakeKuzzleError("security.rights.forbidden", 403);
      }
      return execute();
    };
    const loader = batchOn(sdk).loader();

    const all = await Promise.allSettled(
      ["a", "b", "c"].map((collection) => loader.get("i", collection, "1")),
    );

    should(all.map(({ status }) => status)).eql([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    should(all[1]).match({
      reason: { id: "security.rights.forbidden", status: 403 },
    });
  });

  it("rejects what is missing when it is strict", async () => {
    const loader = batchOn(sdkWith()).loader({ strict: true });

    await should(loader.get("i", "a", "none")).rejectedWith(
      BatchError as never,
      {
        status: 404,
      },
    );
  });

  it("accepts more gets than fit into a request", async () => {
    const sdk = new FakeSdk({ limits: { documentsFetchCount: 10 } });
    for (let n = 0; n < 35; n++) sdk.plugin.state.set(`i/a/${n}`, { n });
    const loader = batchOn(sdk).loader();

    const all = await Promise.all(
      Array.from({ length: 35 }, (_, n) => loader.get("i", "a", String(n))),
    );

    should(all.map((each) => each?._source["n"])).eql([...Array(35).keys()]);
    should(sdk.requests).have.length(4);
  });
});
