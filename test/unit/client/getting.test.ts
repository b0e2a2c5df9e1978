import fc from "fast-check";
import should from "should";

import { BatchError, type RequestedDocument } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk, networkError } from "./support/FakeSdk";

/** `d0`… in the collection `c` of the index `i`. */
function sdkWith(
  count: number,
  limits: ConstructorParameters<typeof FakeSdk>[0] = {},
): FakeSdk {
  const sdk = new FakeSdk(limits);
  for (let n = 0; n < count; n++) {
    sdk.plugin.state.set(`i/c/d${n}`, { n });
  }
  return sdk;
}

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `d${n}`);

const idsOf = (list: readonly { readonly _id: string }[]): string[] =>
  list.map(({ _id }) => _id);

describe("the client's batchGet", () => {
  it("asks nothing of the server for no ids", async () => {
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

  it("sends ids as ids, and its arguments as every protocol takes them", async () => {
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

  it("puts the collection into each entry, since the SDK loses it beside them over HTTP", async () => {
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
    // as they were asked
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

  it("cuts by the server's count and bytes, and merges in the order of the call", async () => {
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

  it("fetches what did not fit into an answer, and puts it in its place", async () => {
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

  it("asks for a document once, at its first place, over all requests", async () => {
    const sdk = sdkWith(10);

    const { documents, stats } = await batchOn(sdk).batchGet(
      "i",
      ["d1", "d2", "d1", "d3", "d2", { _id: "d3", collection: "c" }],
      { batchSize: 2 },
    );

    should(idsOf(documents)).eql(["d1", "d2", "d3"]);
    should(stats).match({ requested: 6, unique: 4, duplicates: 2 });
  });

  it("reports what is no id, in its place", async () => {
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

  it("rejects a strict call with all that is missing, and has the result all the same", async () => {
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

  it("says what was read and what was not when a request is refused", async () => {
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

  it("tells how far it is", async () => {
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

    it("answers what one request without limits would, in its order", async () => {
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

describe("the client's found", () => {
  async function collect<T>(found: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const each of found) all.push(each);
    return all;
  }

  it("gives documents in the order in which they are asked for", async () => {
    const sdk = sdkWith(100, { limits: { maxResponseBytes: 150 } });

    const all = await collect(
      batchOn(sdk).found("i", ids(100), { batchSize: 20 }),
    );

    should(idsOf(all)).eql(ids(100));
  });

  it("holds back what an answer has of behind a document that did not fit", async () => {
    const sdk = sdkWith(20, { limits: { maxResponseBytes: 400 } });
    for (const n of [2, 7, 8]) {
      sdk.plugin.state.set(`i/c/d${n}`, { text: "x".repeat(300) });
    }

    const all = await collect(
      batchOn(sdk).found("i", ids(20), { batchSize: 10 }),
    );

    should(idsOf(all)).eql(ids(20));
  });

  it("leaves nothing unhandled when the program leaves, and requests fail behind it", async () => {
    const sdk = sdkWith(20);
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listen);
    sdk.fault = async (request, execute) => {
      const [first = "d0"] = request.body?.ids ?? [];
      if (first === "d0") return execute();
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new FakeKuzzleError("security.rights.forbidden", 403);
    };

    for await (const { _id } of batchOn(sdk).found("i", ids(20), {
      batchSize: 2,
    })) {
      should(_id).equal("d0");
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
    process.off("unhandledRejection", listen);

    should(unhandled).be.empty();
    should(sdk.requests).have.length(4);
  });

  it("takes what comes as a stream, and asks for no more than it may hold", async () => {
    const sdk = sdkWith(100);
    let read = 0;
    async function* input(): AsyncGenerator<string> {
      for (const id of ids(100)) {
        read += 1;
        yield id;
      }
    }

    const found = batchOn(sdk).found("i", input(), {
      batchSize: 5,
      concurrency: 3,
    });
    should(read).equal(0);
    const first = await found.next();

    should(first.value).have.property("_id", "d0");
    should(read).equal(15);
    should((await collect(found)).length).equal(99);
    should(sdk.mostInFlight).equal(3);
  });

  it("asks for 1,000 at a time, unless told otherwise", async () => {
    const sdk = sdkWith(1);

    await collect(batchOn(sdk).found("i", ids(2_500)));

    should(sdk.requests.map(({ body }) => body?.ids?.length)).eql([
      1_000, 1_000, 500,
    ]);
  });

  it("closes the input when the program has seen enough", async () => {
    let isClosed = false;
    function* input(): Generator<string> {
      try {
        yield* ids(100);
      } finally {
        isClosed = true;
      }
    }

    for await (const { _id } of batchOn(sdkWith(100)).found("i", input(), {
      batchSize: 5,
    })) {
      if (_id === "d7") break;
    }

    should(isClosed).be.true();
  });

  it("tells of what is missing and of what failed, each to its listener", async () => {
    const notFound: unknown[] = [];
    const failed: unknown[] = [];

    const all = await collect(
      batchOn(sdkWith(2)).found("i", ["d0", "x", 7 as never, "d0", "d1"], {
        onNotFound: (list) => notFound.push(...list),
        onErrors: (list) => failed.push(...list),
      }),
    );

    should(idsOf(all)).eql(["d0", "d1"]);
    should(notFound).eql(["x"]);
    should(failed).match([{ position: 2, code: "invalid" }]);
  });

  it("ends with what failed where nobody listens for it", async () => {
    await should(
      collect(batchOn(sdkWith(2)).found("i", ["d0", 7 as never])),
    ).rejectedWith(BatchError as never, {
      id: "batch.client.documents_failed",
      errors: [{ position: 1, code: "invalid" }],
    });
  });

  it("is ended by its signal", async () => {
    const sdk = sdkWith(20);
    const controller = new AbortController();
    sdk.fault = (request, execute) =>
      request.body?.ids?.[0] === "d4" ? new Promise(() => {}) : execute();
    const seen: string[] = [];
    const { signal } = controller;
    setTimeout(() => controller.abort("enough"), 20);

    const read = async (): Promise<void> => {
      for await (const { _id } of batchOn(sdk).found("i", ids(20), {
        batchSize: 2,
        signal,
      })) {
        seen.push(_id);
      }
    };

    await should(read()).rejectedWith(BatchError as never, {
      name: "AbortError",
      cause: "enough",
    });
    should(seen).eql(ids(4));
  });

  it("ends where a request is rejected, with nothing left unhandled", async () => {
    const sdk = sdkWith(20);
    sdk.fault = async (request, execute) => {
      if (request.action === "limits") return execute();
      throw new FakeKuzzleError("security.rights.forbidden", 403);
    };

    await should(
      collect(batchOn(sdk).found("i", ids(20), { batchSize: 2 })),
    ).rejectedWith(BatchError as never, {
      id: "security.rights.forbidden",
      status: 403,
    });
  });
});
