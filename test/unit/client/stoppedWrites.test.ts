import { getEventListeners } from "node:events";

import should from "should";

import type { WriteInput } from "../../../client/index";
import { SYSTEM_CLOCK } from "../../../client/transport/clock";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk } from "./support/FakeSdk";
import { documents, rejection } from "./support/writes";

const SMALL = { maxRequestBytes: 4_096 };

describe("writes of the client that cannot go on", () => {
  it("report what was done and what was not when a request is rejected as a whole", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      if (request.body?.documents?.[0]?._id === "d4") {
        throw new FakeKuzzleError("security.rights.forbidden", 403);
      }
      return execute();
    };

    const error = await rejection(
      batchOn(sdk).mWrite("i", "c", documents(10), {
        batchSize: 2,
        concurrency: 1,
      }),
    );

    should(error).match({
      name: "BatchError",
      id: "security.rights.forbidden",
      status: 403,
      errors: [],
      unprocessed: [4, 5, 6, 7, 8, 9],
    });
    should(error.cause).be.instanceOf(FakeKuzzleError);
    should(error.result.successes).have.length(4);
    should(sdk.requests).have.length(3);
  });

  it("wait for requests in flight, and count them", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      if (request.body?.documents?.[0]?._id === "d0") {
        throw new FakeKuzzleError("security.rights.forbidden", 403);
      }
      return execute();
    };

    const error = await rejection(
      batchOn(sdk).mWrite("i", "c", documents(40), { batchSize: 2 }),
    );

    const positions = [
      ...error.result.successes.map((each: any) => each.position),
      ...error.unprocessed,
    ];
    should(error.result.successes).not.be.empty();
    should(positions.sort((a, b) => a - b)).eql([...Array(40).keys()]);
    should(sdk.plugin.written).have.length(error.result.successes.length);
  });

  it("report a request as unknown if its error may have come after the write", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      if (request.action !== "mWrite") return execute();
      await execute();
      throw new FakeKuzzleError("my.own.pipe", 403);
    };

    const error = await rejection(batchOn(sdk).mWrite("i", "c", documents(2)));

    should(error.errors).match([
      { position: 0, code: "unknown_outcome", status: 403, retryable: false },
      { position: 1, code: "unknown_outcome" },
    ]);
    should(error.unprocessed).be.empty();
  });

  it("count as written what a strict request does not name, if the server says so", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      if (request.body?.documents?.[0]?._id !== "d2") return execute();
      throw new FakeKuzzleError("batch.write.incomplete", 400, [
        { position: 1, code: "mapping", document: {} },
      ]);
    };

    const error = await rejection(
      batchOn(sdk).mWrite("i", "c", documents(6), {
        strict: true,
        batchSize: 2,
        concurrency: 1,
      }),
    );

    should(error.id).equal("batch.write.incomplete");
    should(error.errors).match([{ position: 3, code: "mapping" }]);
    should(error.unprocessed).eql([4, 5]);
  });

  it("stop with the first strict request that is rejected, with all its validation errors", async () => {
    const sdk = new FakeSdk();
    const given = documents(8);
    given[3] = { _id: "d3", body: { fails: "mapping" } };

    const error = await rejection(
      batchOn(sdk).mWrite("i", "c", given, {
        strict: true,
        batchSize: 2,
        concurrency: 1,
      }),
    );

    should(error.id).equal("batch.write.refused");
    should(error.errors).match([{ position: 3, code: "mapping" }]);
    should(error.unprocessed).eql([2, 4, 5, 6, 7]);
    should(error.result.successes).have.length(2);
  });

  it("send nothing of a strict call with a document that cannot be sent", async () => {
    const sdk = new FakeSdk({ limits: SMALL });
    const given = [
      ...documents(100),
      { _id: "huge", body: { text: "x".repeat(5_000) } },
    ];

    const error = await rejection(
      batchOn(sdk).mWrite("i", "c", given, { strict: true }),
    );

    should(error.id).equal("batch.write.refused");
    should(error.errors).match([{ position: 100, code: "too_large" }]);
    should(error.unprocessed).have.length(100);
    should(sdk.requests).be.empty();
  });

  for (const [name, limits, message] of [
    ["requests", SMALL, /maxRequestBytes/],
    ["documents", { atomicMaxDocuments: 99 }, /99 documents.*got 100/],
    ["bytes", { atomicMaxBytes: 5_000 }, /5000 bytes/],
  ] as const) {
    it(`send nothing of an atomic call of too many ${name}, and name the limit`, async () => {
      const sdk = new FakeSdk({ limits });

      const error = await rejection(
        batchOn(sdk).mWrite("i", "c", documents(100), { atomic: true }),
      );

      should(error).match({ id: "batch.client.too_large", status: 413 });
      should(error.message).match(message);
      should(error.unprocessed).have.length(100);
      should(sdk.requests).be.empty();
    });
  }

  it("send an atomic call as one request, whatever batchSize says", async () => {
    const sdk = new FakeSdk();

    await batchOn(sdk).mWrite("i", "c", documents(10), {
      atomic: true,
      batchSize: 2,
    });

    should(sdk.requests.map(({ atomic }) => atomic)).eql(["true"]);
  });

  it("keep the results when the input throws", async () => {
    function* input(): Generator<WriteInput> {
      yield* documents(5);
      throw new Error("the file is broken");
    }

    const error = await rejection(
      batchOn(new FakeSdk()).mWrite("i", "c", input(), { batchSize: 2 }),
    );

    should(error.id).equal("batch.client.broken_off");
    should(error.cause).match({ message: "the file is broken" });
    should(error.result.successes).have.length(4);
    should(error.unprocessed).eql([4]);
  });

  it("keep the results when the caller's own callback throws", async () => {
    const error = await rejection(
      batchOn(new FakeSdk()).mWrite("i", "c", documents(6), {
        batchSize: 2,
        concurrency: 1,
        onProgress: () => {
          throw new Error("no more");
        },
      }),
    );

    should(error.id).equal("batch.client.broken_off");
    should(error.result.successes).have.length(2);
    should(error.unprocessed).eql([2, 3, 4, 5]);
  });

  it("reject a response that does not cover each document", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      const answer: any = await execute();
      if (request.action === "mWrite") answer.result.successes.pop();
      return answer;
    };

    const error = await rejection(batchOn(sdk).mWrite("i", "c", documents(3)));

    should(error.id).equal("batch.client.answer_invalid");
    should(error.errors.map(({ code }) => code)).eql(
      Array(3).fill("unknown_outcome"),
    );
  });
});

describe("writes of the client that are aborted", () => {
  it("send nothing when they are before they begin", async () => {
    const sdk = new FakeSdk();

    const error = await rejection(
      batchOn(sdk).mWrite("i", "c", documents(1), {
        signal: AbortSignal.abort(new Error("changed my mind")),
      }),
    );

    should(error).match({ name: "AbortError", id: "batch.client.aborted" });
    should(error.cause).match({ message: "changed my mind" });
    should(sdk.limitsAsked).equal(0);
  });

  it("stop sending, and report what was written and what was not", async () => {
    const sdk = new FakeSdk();
    const controller = new AbortController();
    sdk.fault = async (_request, execute) => {
      if (sdk.requests.length === 3) controller.abort("enough");
      return execute();
    };

    const error = await rejection(
      batchOn(sdk, SYSTEM_CLOCK).mWrite("i", "c", documents(20), {
        batchSize: 2,
        concurrency: 2,
        signal: controller.signal,
      }),
    );

    should(error).match({ name: "AbortError", cause: "enough" });
    should(sdk.requests).have.length(3);
    should(error.result.successes).have.length(6);
    should(error.unprocessed).eql([...Array(14).keys()].map((n) => n + 6));
  });

  it("leave no listener on the signal", async () => {
    const { signal } = new AbortController();

    await batchOn(new FakeSdk()).mWrite("i", "c", documents(50), {
      batchSize: 1,
      signal,
    });

    should(getEventListeners(signal, "abort")).be.empty();
  });

  it("do not wait forever for requests in flight, and report them as unknown", async () => {
    const sdk = new FakeSdk();
    const controller = new AbortController();
    sdk.fault = (request, execute) =>
      request.action === "mWrite" ? new Promise(() => {}) : execute();
    const call = batchOn(sdk).mWrite("i", "c", documents(2), {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 20);

    const error = await rejection(call);

    should(error.name).equal("AbortError");
    should(error.errors).match([
      { position: 0, code: "unknown_outcome" },
      { position: 1, code: "unknown_outcome" },
    ]);
  });
});
