import should from "should";

import { BatchError } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn } from "./support/FakeSdk";

import { ids, idsOf, sdkWith } from "./support/storedIds";

describe("the client's found", () => {
  async function collect<T>(found: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const each of found) all.push(each);
    return all;
  }

  it("yields documents in the order in which they are requested", async () => {
    const sdk = sdkWith(100, { limits: { maxResponseBytes: 150 } });

    const all = await collect(
      batchOn(sdk).found("i", ids(100), { batchSize: 20 }),
    );

    should(idsOf(all)).eql(ids(100));
  });

  it("holds back documents of a response that follow one that did not fit", async () => {
    const sdk = sdkWith(20, { limits: { maxResponseBytes: 400 } });
    for (const n of [2, 7, 8]) {
      sdk.plugin.state.set(`i/c/d${n}`, { text: "x".repeat(300) });
    }

    const all = await collect(
      batchOn(sdk).found("i", ids(20), { batchSize: 10 }),
    );

    should(idsOf(all)).eql(ids(20));
  });

  it("leaves no rejection unhandled when the program stops iterating and requests fail afterwards", async () => {
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

  it("accepts a stream as input, and requests no more than it may hold", async () => {
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

  it("requests 1,000 at a time by default", async () => {
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

  it("reports missing and failed documents, each to its callback", async () => {
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

  it("ends with the first failure if there is no callback for it", async () => {
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

  it("ends when a request is rejected, without unhandled rejections", async () => {
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
