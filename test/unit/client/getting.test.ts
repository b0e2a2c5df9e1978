import fc from "fast-check";
import should from "should";

import { BatchError, type RequestedDocument } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk, networkError } from "./support/FakeSdk";

import { ids, idsOf, sdkWith } from "./support/storedIds";

describe("the client's batchGet", () => {
  it("sends no request without ids", async () => {
    const sdk = new FakeSdk();

    const result = await batchOn(sdk).batchGet("i", []);

    should(result).match({
      documents: [],
      not_found: [],
      errors: [],
      unprocessed: [],
      stats: { requested: 0, requests: 0 },
    });
    should(sdk.requests).be.empty();
  });

  it("sends ids as ids, and arguments that every protocol accepts", async () => {
    const sdk = sdkWith(1);

    await batchOn(sdk).batchGet("i", ["d0"], {
      source: ["n", "a.*"],
      sourceExcludes: ["b"],
    });
    await batchOn(sdk).batchGet("i", ["d0"], { source: false });

    should(sdk.requests).eql([
      {
        controller: "batch",
        action: "batchGet",
        index: "i",
        source: ["n", "a.*"],
        sourceExcludes: ["b"],
        body: { ids: ["d0"] },
      },
      {
        controller: "batch",
        action: "batchGet",
        index: "i",
        source: "false",
        body: { ids: ["d0"] },
      },
    ]);
  });

  it("puts the collection into each entry, because over HTTP the SDK drops it from the arguments", async () => {
    const sdk = sdkWith(1);

    const { documents, not_found } = await batchOn(sdk).batchGet(
      "i",
      ["d0", "x", { _id: "y" }, { _id: "z", collection: "other" }],
      { collection: "c" },
    );

    should(sdk.requests[0]).not.have.property("collection");
    should(sdk.requests[0]?.body).eql({
      documents: [
        { collection: "c", _id: "d0" },
        { collection: "c", _id: "x" },
        { collection: "c", _id: "y" },
        { collection: "other", _id: "z" },
      ],
    });
    should(idsOf(documents)).eql(["d0"]);
    // as requested
    should(not_found).eql([
      "x",
      { collection: "c", _id: "y" },
      { collection: "other", _id: "z" },
    ]);
  });

  it("sends of a document that was found before only its address, and takes an undefined collection for none", async () => {
    const sdk = sdkWith(2);
    const seen = { _id: "d0", collection: "c", _source: { n: 0 }, index: "i" };

    await batchOn(sdk).batchGet("i", [
      seen,
      { _id: "d1", collection: undefined as never },
    ]);
    await batchOn(sdk).batchGet(
      "i",
      [{ _id: "d1", collection: undefined as never }],
      { collection: "c" },
    );

    should(sdk.requests.map(({ body }) => body?.documents)).eql([
      [{ collection: "c", _id: "d0" }, { _id: "d1" }],
      [{ collection: "c", _id: "d1" }],
    ]);
  });

  it("rejects a text, which is a list of its letters", async () => {
    const sdk = sdkWith(1);

    await should(batchOn(sdk).batchGet("i", "d0")).rejectedWith(
      TypeError as never,
    );
    await should(batchOn(sdk).found("i", "d0").next()).be.rejected();
    should(sdk.requests).be.empty();
  });

  it("splits by the server's count and bytes, and merges in the order of the call", async () => {
    const sdk = sdkWith(100, {
      limits: { documentsFetchCount: 30, maxRequestBytes: 2_000 },
    });

    const { documents, stats } = await batchOn(sdk).batchGet("i", ids(100));

    should(idsOf(documents)).eql(ids(100));
    should(sdk.requests.length).be.above(3);
    should(stats.requests).equal(sdk.requests.length);
    for (const size of sdk.sizes) should(size).not.be.above(2_000);
    for (const { body } of sdk.requests) {
      should(body?.ids?.length).be.within(1, 30);
    }
  });

  it("fetches what did not fit into a response, and returns it at its position", async () => {
    const sdk = sdkWith(30, { limits: { maxResponseBytes: 100 } });

    const { documents, unprocessed } = await batchOn(sdk).batchGet(
      "i",
      ids(30),
    );

    should(idsOf(documents)).eql(ids(30));
    should(unprocessed).be.empty();
    should(sdk.requests.length).be.above(5);
  });

  it("halves what causes too many reads, and remembers it", async () => {
    const sdk = sdkWith(40, { limits: { maxLookups: 20 } });
    sdk.plugin.state.set("i/other/d3", {});
    sdk.plugin.state.set("i/third/d3", {});

    const { documents, not_found } = await batchOn(sdk).batchGet(
      "i",
      [...ids(40), "x"],
      { concurrency: 1 },
    );

    should(idsOf(documents)).eql([...ids(4), "d3", "d3", ...ids(40).slice(4)]);
    should(not_found).eql(["x"]);
    const refused = sdk.requests.filter(
      ({ body }) => (body?.ids?.length ?? 0) * 3 > 20,
    );
    should(refused.length).be.below(4);
  });

  it("requests a document once, at its first position, across all requests", async () => {
    const sdk = sdkWith(10);

    const { documents, stats } = await batchOn(sdk).batchGet(
      "i",
      ["d1", "d2", "d1", "d3", "d2", { _id: "d3", collection: "c" }],
      { batchSize: 2 },
    );

    should(idsOf(documents)).eql(["d1", "d2", "d3"]);
    should(stats).match({ requested: 6, unique: 4, duplicates: 2 });
  });

  it("reports invalid ids at their position", async () => {
    const sdk = sdkWith(3);

    const { documents, errors } = await batchOn(sdk).batchGet(
      "i",
      ["d0", 7, null, "d1", 1n] as never,
      { batchSize: 2 },
    );

    should(idsOf(documents)).eql(["d0", "d1"]);
    should(errors).match([
      { position: 1, code: "invalid" },
      { position: 2, code: "invalid" },
      { position: 4, code: "invalid" },
    ]);
  });

  it("reads again what was lost, logged in or not", async () => {
    const sdk = sdkWith(5, { user: null });
    let losses = 3;
    sdk.fault = async (_request, execute) => {
      if (losses-- > 0) throw networkError();
      return execute();
    };

    const { documents } = await batchOn(sdk).batchGet("i", ids(5));

    should(documents).have.length(5);
  });

  it("rejects a strict call with everything that is missing, and still has the result", async () => {
    const error = await batchOn(sdkWith(4))
      .batchGet("i", ["d0", "x", 7 as never, "d1"], { strict: true })
      .catch((reason: unknown) => reason as BatchError<any>);

    should(error).match({
      id: "batch.get.incomplete",
      status: 400,
      errors: [
        { _id: "x", position: 1, code: "not_found" },
        { position: 2, code: "invalid" },
      ],
      unprocessed: [],
    });
    should(idsOf((error as BatchError<any>).result.documents)).eql([
      "d0",
      "d1",
    ]);
  });

  it("reports what was read and what was not when a request is rejected", async () => {
    const sdk = sdkWith(10);
    sdk.fault = async (request, execute) => {
      if (request.body?.ids?.[0] === "d4") {
        throw new FakeKuzzleError("services.storage.unknown_index", 412);
      }
      return execute();
    };

    const error = await batchOn(sdk)
      .batchGet("i", [...ids(10), "d0"], { batchSize: 2, concurrency: 1 })
      .catch((reason: unknown) => reason as BatchError<any>);

    should(error).match({
      id: "services.storage.unknown_index",
      status: 412,
      unprocessed: [4, 5, 6, 7, 8, 9],
    });
    const { result } = error as BatchError<any>;
    should(idsOf(result.documents)).eql(ids(4));
    should(result.unprocessed).eql(ids(10).slice(4));
  });

  it("is aborted at once, and keeps what was read", async () => {
    const sdk = sdkWith(10);
    const controller = new AbortController();
    sdk.fault = (request, execute) => {
      if (request.body?.ids?.[0] !== "d4") return execute();
      setTimeout(() => controller.abort("enough"), 5);
      return new Promise(() => {});
    };

    const error = await batchOn(sdk)
      .batchGet("i", ids(10), {
        batchSize: 2,
        concurrency: 1,
        signal: controller.signal,
      })
      .catch((reason: unknown) => reason as BatchError<any>);

    should(error).match({ name: "AbortError", cause: "enough" });
    should((error as BatchError<any>).result.documents).have.length(4);
  });

  for (const [name, spoil] of Object.entries<(result: any) => void>({
    "lacks a document": (result) => result.documents.pop(),
    "has one that was not asked for": (result) =>
      result.documents.push({ _id: "z", collection: "c" }),
    "leaves everything for another one": (result) => {
      result.unprocessed.push("d0", "d1", "d2");
      result.documents = [];
    },
    "has an error of no place": (result) =>
      result.errors.push({ position: 99 }),
  })) {
    it(`takes no answer that ${name}`, async () => {
      const sdk = sdkWith(3);
      sdk.fault = async (request, execute) => {
        const answer: any = await execute();
        if (request.action === "batchGet") spoil(answer.result);
        return answer;
      };

      await should(batchOn(sdk).batchGet("i", ids(3))).rejectedWith(
        BatchError as never,
        { id: "batch.client.answer_invalid", unprocessed: [0, 1, 2] },
      );
    });
  }

  it("reports its progress", async () => {
    const seen: unknown[] = [];

    await batchOn(sdkWith(3)).batchGet("i", ["d0", "x", "d0", "d1"], {
      batchSize: 2,
      onProgress: (progress) => seen.push(progress),
    });

    should(seen.at(-1)).eql({ done: 4, failed: 1, total: 4 });
  });

  describe("for any list, limits and concurrency", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "x", "y");
    const collection = fc.constantFrom("c1", "c2", "c3");
    const inputs = fc.record({
      stored: fc.array(fc.tuple(collection, name), { maxLength: 12 }),
      asked: fc.array(
        fc.oneof(
          name,
          fc.record({ _id: name, collection }),
          fc.record({ _id: name }),
        ) as fc.Arbitrary<RequestedDocument>,
        { maxLength: 30 },
      ),
      batchSize: fc.integer({ min: 1, max: 7 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      maxResponseBytes: fc.integer({ min: 1, max: 200 }),
      maxLookups: fc.integer({ min: 3, max: 30 }),
    });

    it("returns what one request without limits would, in its order", async () => {
      await fc.assert(
        fc.asyncProperty(inputs, async ({ stored, asked, ...limits }) => {
          const small = new FakeSdk({ limits });
          const large = new FakeSdk();
          for (const [place, _id] of stored) {
            small.plugin.state.set(`i/${place}/${_id}`, { place });
            large.plugin.state.set(`i/${place}/${_id}`, { place });
          }
          const { batchSize, concurrency } = limits;

          const cut = await batchOn(small).batchGet("i", asked, {
            batchSize,
            concurrency,
          });
          const whole = await batchOn(large).batchGet("i", asked);

          should(cut.documents).eql(whole.documents);
          should(cut.not_found).eql(whole.not_found);
          should(cut.errors).eql(whole.errors);
          should(cut.unprocessed).be.empty();
        }),
        { numRuns: 300 },
      );
    });
  });
});
