import { getEventListeners } from "node:events";

import fc from "fast-check";
import should from "should";

import { BatchError, type WriteInput } from "../../../client/index";
import { SYSTEM_CLOCK } from "../../../client/transport/clock";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk } from "./support/FakeSdk";

const SMALL = { maxRequestBytes: 4_096 };

function documents(count: number, bytes = 100): WriteInput[] {
  return Array.from({ length: count }, (_, i) => ({
    _id: `d${i}`,
    body: { n: i, text: "x".repeat(bytes) },
  }));
}

/** What a call is rejected with. */
async function rejection(call: Promise<unknown>): Promise<BatchError<any>> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  should(error).be.instanceOf(BatchError);
  return error as BatchError;
}

describe("the client's writes", () => {
  it("asks nothing of the server for no documents", async () => {
    const sdk = new FakeSdk();

    const { successes, errors, stats } = await batchOn(sdk).mWrite(
      "i",
      "c",
      [],
    );

    should([successes, errors]).eql([[], []]);
    should(stats).match({ requested: 0, requests: 0 });
    should(sdk.requests).be.empty();
  });

  it("sends what fits as one request, with the arguments as every protocol takes them", async () => {
    const sdk = new FakeSdk();

    await batchOn(sdk).mWrite("i", "c", documents(2), {
      refresh: "wait_for",
      notify: true,
      source: false,
      idempotencyKey: "mine",
    });

    should(sdk.requests).eql([
      {
        controller: "batch",
        action: "mWrite",
        index: "i",
        collection: "c",
        refresh: "wait_for",
        notify: "true",
        source: "false",
        idempotencyKey: "mine",
        body: { documents: documents(2) },
      },
    ]);
  });

  it("cuts by bytes, with the token and all that the SDK adds, and fills requests", async () => {
    const sdk = new FakeSdk({ limits: { maxRequestBytes: 20_000 } });
    sdk.jwt = "t".repeat(3_000);
    sdk.volatile = { a: "v".repeat(2_000) };

    await batchOn(sdk).mWrite("i", "c", documents(500));

    should(sdk.sizes.length).be.above(2);
    for (const size of sdk.sizes) should(size).not.be.above(20_000);
    for (const size of sdk.sizes.slice(0, -1)) should(size).be.above(18_000);
  });

  it("cuts updates by the server's count, and writes by none", async () => {
    const sdk = new FakeSdk({ limits: { documentsWriteCount: 10 } });
    const batch = batchOn(sdk);

    await batch.mUpdate("i", "c", documents(25) as never);
    await batch.mWrite("i", "c", documents(25));

    should(sdk.requests.map(({ body }) => body?.documents?.length)).eql([
      10, 10, 5, 25,
    ]);
  });

  it("cuts by batchSize, and sends no more than concurrency at a time", async () => {
    const sdk = new FakeSdk();

    await batchOn(sdk).mWrite("i", "c", documents(20), {
      batchSize: 2,
      concurrency: 3,
    });

    should(sdk.requests).have.length(10);
    should(sdk.mostInFlight).equal(3);
  });

  it("merges by position, and sums the stats", async () => {
    const sdk = new FakeSdk();
    const given = documents(9);
    given[4] = { _id: "d4", body: { fails: "mapping" } };
    given[7] = { _id: "d1", body: {} };

    const result = await batchOn(sdk).mWrite("i", "c", given, { batchSize: 2 });

    should(result.successes.map(({ position }) => position)).eql([
      0, 1, 2, 3, 5, 6, 7, 8,
    ]);
    should(result.errors).match([
      { position: 4, code: "mapping", document: given[4] },
    ]);
    should(result.stats).match({
      requested: 9,
      unique: 8,
      duplicates: 1,
      errors: 1,
      engineCalls: 10,
      tookMs: 25,
      requests: 5,
    });
  });

  it("reports a document that no request can hold, and of one without JSON, and sends the others", async () => {
    const sdk = new FakeSdk({ limits: SMALL });
    const given = documents(5);
    given[1] = { _id: "huge", body: { text: "x".repeat(5_000) } };
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    given[3] = { _id: "none", body: cycle };

    const { successes, errors } = await batchOn(sdk).mWrite("i", "c", given);

    should(successes.map(({ position }) => position)).eql([0, 2, 4]);
    should(errors).match([
      { position: 1, status: 413, code: "too_large", retryable: false },
      { position: 3, status: 400, code: "invalid", document: { _id: "none" } },
    ]);
  });

  it("takes any iterable, and reads no further than it sends", async () => {
    const sdk = new FakeSdk();
    let read = 0;
    let readAtFirst = 0;
    sdk.fault = async (request, execute) => {
      if (request.action === "mWrite") readAtFirst ||= read;
      return execute();
    };
    function* input() {
      for (const document of documents(100)) {
        read += 1;
        yield document;
      }
    }

    const { successes } = await batchOn(sdk).mWrite("i", "c", input(), {
      batchSize: 5,
      concurrency: 1,
    });

    should(successes).have.length(100);
    should(readAtFirst).equal(5);
  });

  it("tells how far it is after each request", async () => {
    const seen: unknown[] = [];
    const given = documents(5);
    given[0] = { _id: "d0", body: { fails: "mapping" } };

    await batchOn(new FakeSdk()).mWrite("i", "c", given, {
      batchSize: 2,
      concurrency: 1,
      onProgress: (progress) => seen.push(progress),
    });

    should(seen).eql([
      { done: 2, failed: 1, total: 5 },
      { done: 4, failed: 1, total: 5 },
      { done: 5, failed: 1, total: 5 },
    ]);
  });

  for (const [name, options] of Object.entries({
    "no concurrency": { concurrency: 0 },
    "half a batchSize": { batchSize: 0.5 },
    "a negative retryForMs": { retryForMs: -1 },
  })) {
    it(`rejects ${name} before it asks anything`, async () => {
      const sdk = new FakeSdk();

      await should(
        batchOn(sdk).mWrite("i", "c", documents(1), options),
      ).rejectedWith(RangeError as never, { message: /not (0|0.5|-1)$/ });
      should(sdk.limitsAsked).equal(0);
    });
  }

  it("reject an option that they do not know", async () => {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);
    const unknown = { retryFor: 1 } as object;
    const message = /has no option retryFor/;

    await batch.mWrite("i", "c", [], unknown).should.be.rejectedWith(message);
    await batch.mUpdate("i", "c", [], unknown).should.be.rejectedWith(message);
    await batch.batchGet("i", [], unknown).should.be.rejectedWith(message);
    (() => batch.found("i", [], unknown)).should.throw(message);
    (() => batch.writeStream("i", "c", unknown)).should.throw(message);
    (() => batch.loader(unknown)).should.throw(message);
    await batch
      .mUpdate("i", "c", [], { notify: true } as object)
      .should.be.rejectedWith(/has no option notify/);
    should(sdk.limitsAsked).equal(0);
  });

  describe("that cannot go on", () => {
    it("say what was done and what was not when a request is rejected as a whole", async () => {
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

    it("wait for what is under way, and count it in", async () => {
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

    it("say unknown of a request that ended with an error that may have come behind the write", async () => {
      const sdk = new FakeSdk();
      sdk.fault = async (request, execute) => {
        if (request.action !== "mWrite") return execute();
        await execute();
        throw new FakeKuzzleError("my.own.pipe", 403);
      };

      const error = await rejection(
        batchOn(sdk).mWrite("i", "c", documents(2)),
      );

      should(error.errors).match([
        { position: 0, code: "unknown_outcome", status: 403, retryable: false },
        { position: 1, code: "unknown_outcome" },
      ]);
      should(error.unprocessed).be.empty();
    });

    it("count as written what a strict request does not name, where the server says so", async () => {
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

    it("keep what is done when the input throws", async () => {
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

    it("keep what is done when the caller's own callback throws", async () => {
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

    it("take no answer that does not tell of each document", async () => {
      const sdk = new FakeSdk();
      sdk.fault = async (request, execute) => {
        const answer: any = await execute();
        if (request.action === "mWrite") answer.result.successes.pop();
        return answer;
      };

      const error = await rejection(
        batchOn(sdk).mWrite("i", "c", documents(3)),
      );

      should(error.id).equal("batch.client.answer_invalid");
      should(error.errors.map(({ code }) => code)).eql(
        Array(3).fill("unknown_outcome"),
      );
    });
  });

  describe("that are aborted", () => {
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

    it("stop sending, and tell what was written and what was not", async () => {
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

    it("do not wait for ever for what is under way, and call it unknown", async () => {
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

  describe("for any documents, limits and concurrency", () => {
    const inputs = fc.record({
      ids: fc.array(fc.constantFrom("a", "b", "c", "d", "e", undefined), {
        maxLength: 40,
      }),
      fails: fc.array(fc.nat(39), { maxLength: 4 }),
      batchSize: fc.integer({ min: 1, max: 7 }),
      concurrency: fc.integer({ min: 1, max: 5 }),
      user: fc.constantFrom("alyx", null),
    });

    it("put every document in exactly one list, at its place, and keep the order of each id", async () => {
      await fc.assert(
        fc.asyncProperty(
          inputs,
          async ({ ids, fails, batchSize, concurrency, user }) => {
            const sdk = new FakeSdk({ user });
            const given = ids.map((_id, n) => ({
              ...(_id !== undefined && { _id }),
              body: fails.includes(n) ? { n, fails: "mapping" } : { n },
            }));

            const result = await batchOn(sdk).mWrite("i", "c", given, {
              batchSize,
              concurrency,
            });

            const places = [...result.successes, ...result.errors]
              .map(({ position }) => position)
              .sort((a, b) => a - b);
            should(places).eql([...given.keys()]);
            for (const { position, _source } of result.successes) {
              should(_source).have.property("n", position);
            }
            for (const id of new Set(ids)) {
              const orders = sdk.plugin.written
                .filter(({ _id }) => _id === id)
                .map(({ body }) => body.n as number);
              should(orders).eql([...orders].sort((a, b) => a - b));
            }
          },
        ),
        { numRuns: 200 },
      );
    });
  });
});
