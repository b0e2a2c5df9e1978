import should from "should";

import { BatchError } from "../../../client/index";
import { FakeKuzzleError } from "./support/FakePlugin";
import { batchOn, FakeSdk, LIMITS, networkError } from "./support/FakeSdk";

describe("the client's limits", () => {
  it("are requested once, however many calls need them", async () => {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);

    await Promise.all([
      batch.mWrite("i", "c", [{ body: {} }]),
      batch.batchGet("i", ["a"]),
      batch.limits(),
    ]);

    should(await batch.limits()).eql(LIMITS);
    should(sdk.limitsAsked).equal(1);
  });

  for (const event of ["reconnected", "connected", "disconnected"] as const) {
    it(`are asked anew when the SDK says "${event}"`, async () => {
      const sdk = new FakeSdk();
      const batch = batchOn(sdk);
      await batch.limits();

      sdk.emit(event);
      await batch.limits();

      should(sdk.limitsAsked).equal(2);
    });
  }

  it("are requested again when the first request has failed", async () => {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);
    const { fault } = sdk;
    sdk.fault = async () => {
      throw new FakeKuzzleError("security.rights.forbidden", 403);
    };
    await should(batch.limits()).be.rejected();
    sdk.fault = fault;

    should(await batch.limits()).eql(LIMITS);
  });

  it("survive a connection that is lost while they are requested", async () => {
    const sdk = new FakeSdk();
    let losses = 2;
    sdk.fault = async (_request, execute) => {
      if (losses-- > 0) throw networkError();
      return execute();
    };

    should(await batchOn(sdk).limits()).eql(LIMITS);
  });

  it("say what to do if the caller may not request them", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async () => {
      throw new FakeKuzzleError("security.rights.forbidden", 403);
    };

    await should(batchOn(sdk).mWrite("i", "c", [{ body: {} }])).rejectedWith(
      BatchError as never,
      {
        id: "batch.client.limits_unknown",
        status: 403,
        message: /grant the user the action batch:limits.*useLimits/,
      },
    );
  });

  it("name every document as unprocessed if they cannot be requested [R1]", async () => {
    const sdk = new FakeSdk();
    sdk.fault = async () => {
      throw networkError();
    };
    const batch = batchOn(sdk);
    const two = [{ _id: "a", body: {} }, { body: {} }];
    const calls = {
      mWrite: batch.mWrite("i", "c", two, { retryForMs: 0 }),
      mUpdate: batch.mUpdate("i", "c", two as never, { retryForMs: 0 }),
      batchGet: batch.batchGet("i", ["a", "b"], { retryForMs: 0 }),
    };

    for (const call of Object.values(calls)) {
      await should(call).rejectedWith(BatchError as never, {
        errors: [],
        unprocessed: [0, 1],
      });
    }
  });

  it("are not requested if the program has set them", async () => {
    const sdk = new FakeSdk();
    const batch = batchOn(sdk);

    batch.useLimits({ ...LIMITS, documentsWriteCount: 1 });
    await batch.mUpdate("i", "c", [
      { _id: "a", body: {} },
      { _id: "b", body: {} },
    ]);

    should(sdk.limitsAsked).equal(0);
    should(sdk.requests).have.length(2);
  });

  it("are whole numbers, wherever they come from", async () => {
    const sdk = new FakeSdk({ limits: { maxRequestBytes: "1MB" as never } });
    const batch = batchOn(sdk);

    should(() => batch.useLimits({ ...LIMITS, maxLookups: 0 })).throw(
      RangeError,
      { message: /maxLookups.*not 0/ },
    );
    await should(batch.limits()).rejectedWith(BatchError as never, {
      message: /maxRequestBytes.*not 1MB/,
    });
  });
});
