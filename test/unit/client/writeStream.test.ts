import should from "should";

import { BatchError, type WriteInput } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk, nextTurn } from "./support/FakeSdk";

function document(n: number, body: object = { n }): WriteInput {
  return { _id: `d${n}`, body: { ...body } };
}

describe("the client's writeStream", () => {
  it("writes its chunks in requests as large as allowed", async () => {
    const sdk = new FakeSdk();
    const results: any[] = [];
    const writer = batchOn(sdk)
      .writeStream("i", "c", {
        batchSize: 10,
        refresh: "wait_for",
        onResult: (result) => results.push(result),
      })
      .getWriter();

    for (let n = 0; n < 25; n++) await writer.write(document(n));
    await writer.close();

    should(sdk.requests.map(({ body }) => body?.documents?.length)).eql([
      10, 10, 5,
    ]);
    should(sdk.requests[0]?.["refresh"]).equal("wait_for");
    const positions = results.flatMap(({ successes }) =>
      successes.map(({ position }: any) => position),
    );
    should(positions.sort((a, b) => a - b)).eql([...Array(25).keys()]);
  });

  it("can be piped into", async () => {
    const sdk = new FakeSdk();
    const input = new ReadableStream<WriteInput>({
      start(controller) {
        for (let n = 0; n < 7; n++) controller.enqueue(document(n));
        controller.close();
      },
    });

    await input.pipeTo(batchOn(sdk).writeStream("i", "c", { batchSize: 3 }));

    should(sdk.plugin.written).have.length(7);
  });

  it("applies backpressure while enough is in flight", async () => {
    const sdk = new FakeSdk();
    const release: (() => void)[] = [];
    sdk.fault = async (request, execute) => {
      if (request.action === "mWrite") {
        await new Promise<void>((resolve) => release.push(resolve));
      }
      return execute();
    };
    const writer = batchOn(sdk)
      .writeStream("i", "c", { batchSize: 1, concurrency: 2 })
      .getWriter();
    let taken = 0;
    const work = (async () => {
      for (let n = 0; n < 10; n++) {
        await writer.write(document(n));
        taken += 1;
      }
      await writer.close();
    })();

    await new Promise((resolve) => setTimeout(resolve, 20));
    should(taken).equal(2);
    const freeing = setInterval(() => release.shift()?.(), 1);
    await work;
    clearInterval(freeing);

    should(taken).equal(10);
  });

  it("updates on request", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk)
      .writeStream("i", "c", { action: "mUpdate", retryOnConflict: 3 })
      .getWriter();

    await writer.write(document(1));
    await writer.close();

    should(sdk.requests).match([{ action: "mUpdate", retryOnConflict: 3 }]);
  });

  it("reports failed documents by position, and continues", async () => {
    const failed: any[] = [];
    const sdk = new FakeSdk({ limits: { maxRequestBytes: 3_000 } });
    const writer = batchOn(sdk)
      .writeStream("i", "c", {
        batchSize: 2,
        onErrors: (errors) => failed.push(...errors),
      })
      .getWriter();

    await writer.write(document(0));
    await writer.write(document(1, { fails: "mapping" }));
    await writer.write(document(2, { text: "x".repeat(3_000) }));
    await writer.write(document(3));
    await writer.close();

    should(
      failed
        .map(({ position, code }) => [position, code])
        .sort(([a], [b]) => a - b),
    ).eql([
      [1, "mapping"],
      [2, "too_large"],
    ]);
    should(sdk.plugin.written).have.length(2);
  });

  it("ends with the first failed document if there is no callback", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writeStream("i", "c").getWriter();
    const closed = writer.closed.catch((error: unknown) => error);

    await writer.write(document(0));
    await writer.write(document(1, { fails: "mapping" }));
    await should(writer.close()).rejectedWith(BatchError as never, {
      id: "batch.client.documents_failed",
      errors: [{ position: 1, code: "mapping" }],
    });
    should(await closed).be.instanceOf(BatchError);
  });

  it("ends when a request is rejected, and reports what was not written", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      if (request.action === "mWrite") {
        throw new FakeKuzzleError("security.rights.forbidden", 403);
      }
      return execute();
    };
    const writer = batchOn(sdk)
      .writeStream("i", "c", { batchSize: 2 })
      .getWriter();

    for (let n = 0; n < 2; n++) await writer.write(document(n));

    await should(writer.close()).rejectedWith(BatchError as never, {
      id: "security.rights.forbidden",
      unprocessed: [0, 1],
    });
  });

  it("is rejected from the start if the limits cannot be requested", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async () => {
      throw new FakeKuzzleError("security.rights.forbidden", 403);
    };
    const writer = batchOn(sdk).writeStream("i", "c").getWriter();

    await should(writer.write(document(0))).rejectedWith(BatchError as never, {
      id: "batch.client.limits_unknown",
    });
    await should(writer.closed).be.rejected();
  });

  it("is ended by its signal, even while nobody writes", async () => {
    const controller = new AbortController();
    const sdk = new FakeSdk();
    const writer = batchOn(sdk)
      .writeStream("i", "c", { signal: controller.signal })
      .getWriter();
    await writer.write(document(0));

    controller.abort("enough");

    await should(writer.closed).rejectedWith(BatchError as never, {
      name: "AbortError",
      cause: "enough",
      unprocessed: [0],
    });
    should(sdk.requests).be.empty();
  });

  it("sends what it has after flushIntervalMs, and in order", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk)
      .writeStream("i", "c", { flushIntervalMs: 20 })
      .getWriter();

    await writer.write(document(1));
    await writer.write(document(2));
    while (sdk.plugin.written.length === 0) await nextTurn();
    await writer.write(document(1, { last: true }));
    await writer.close();

    should(sdk.requests.map(({ body }) => body?.documents?.length)).eql([2, 1]);
    should(sdk.plugin.state.get("i/c/d1")).eql({ last: true });
  });

  it("reports a dead server while nobody writes", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async (request, execute) => {
      if (request.action !== "mWrite") return execute();
      throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    };
    const writer = batchOn(sdk)
      .writeStream("i", "c", { flushIntervalMs: 20, retryForMs: 100 })
      .getWriter();
    await writer.write(document(0));

    await should(writer.closed).rejectedWith(BatchError as never, {
      id: "batch.client.disconnected",
      unprocessed: [0],
    });
  });

  it("rejects an interval that makes no sense", () => {
    const batch = batchOn(new FakeSdk());
    should(() => batch.writeStream("i", "c", { flushIntervalMs: 0.5 })).throw(
      /flushIntervalMs must be an integer of at least 0, not 0.5/,
    );
  });

  it("sends nothing more when it is aborted", async () => {
    const sdk = new FakeSdk();
    const writer = batchOn(sdk).writeStream("i", "c").getWriter();
    const closed = writer.closed.catch(() => "ended");
    await writer.write(document(0));

    await writer.abort("no more");

    should(await closed).equal("ended");
    should(sdk.requests).be.empty();
  });
});
