import should from "should";

import { controllerWith, run } from "../../../support/controller";
import { FakeStore } from "../../../support/FakeStore";
import { kuzzleRequest, kuzzleServices } from "../../../support/request";

describe("batch:limits", () => {
  it("returns Kuzzle's limits and the plugin's own", async () => {
    const kuzzle = kuzzleServices(
      {},
      { documentsFetchCount: 5_000, documentsWriteCount: 100 },
    );
    const controller = controllerWith(new FakeStore(), kuzzle, {
      maxLookups: 7_000,
      maxResponseBytes: 2_000_000,
    });

    const limits = await run(controller, kuzzleRequest({ action: "limits" }));

    should(limits).eql({
      maxRequestBytes: 1024 * 1024,
      documentsFetchCount: 5_000,
      documentsWriteCount: 100,
      maxLookups: 7_000,
      maxResponseBytes: 2_000_000,
      atomicMaxDocuments: 100,
      atomicMaxBytes: 1024 * 1024,
    });
  });
});
