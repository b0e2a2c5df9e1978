import fc from "fast-check";
import should from "should";

import { batchOn, FakeSdk } from "./support/FakeSdk";
import { documents } from "./support/writes";

const SMALL = { maxRequestBytes: 4_096 };

describe("the client's writes", () => {
  it("sends no request without documents", async () => {
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

  it("sends what fits in one request, with arguments that every protocol accepts", async () => {
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

  it("splits by bytes, including the token and all that the SDK adds, and fills requests", async () => {
    const sdk = new FakeSdk({ limits: { maxRequestBytes: 20_000 } });
    sdk.jwt = "t".repeat(3_000);
    sdk.volatile = { a: "v".repeat(2_000) };

    await batchOn(sdk).mWrite("i", "c", documents(500));

    should(sdk.sizes.length).be.above(2);
    for (const size of sdk.sizes) should(size).not.be.above(20_000);
    for (const size of sdk.sizes.slice(0, -1)) should(size).be.above(18_000);
  });

  it("splits updates by the server's count, and writes by bytes only", async () => {
    const sdk = new FakeSdk({ limits: { documentsWriteCount: 10 } });
    const batch = batchOn(sdk);

    await batch.mUpdate("i", "c", documents(25) as never);
    await batch.mWrite("i", "c", documents(25));

    should(sdk.requests.map(({ body }) => body?.documents?.length)).eql([
      10, 10, 5, 25,
    ]);
  });

  it("splits by batchSize, and sends no more than concurrency at a time", async () => {
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

  it("reports a document that no request can hold, and one without JSON, and sends the others", async () => {
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

  it("accepts any iterable, and reads no further than it sends", async () => {
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

  it("reports its progress after each request", async () => {
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

  it("reject unknown options", async () => {
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

    it("put every document in exactly one list, at its position, and keep the order of each id", async () => {
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
