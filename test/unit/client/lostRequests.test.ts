import fc from "fast-check";
import should from "should";

import {
  fine,
  inTurn,
  loseAnswer,
  loseRequest,
  rejectWith,
} from "./support/faults";
import { batchOn, FakeSdk, type Fault } from "./support/FakeSdk";
import { documents } from "./support/writes";

describe("the client, however often requests and answers are lost", () => {
  const kinds = fc.array(
    fc.constantFrom("fine", "request", "answer", "running", "busy"),
    { maxLength: 30 },
  );
  const faultOf: Record<string, Fault | undefined> = {
    request: loseRequest,
    answer: loseAnswer,
    running: rejectWith("batch.idempotency.in_progress", 409),
    busy: rejectWith("api.process.overloaded", 503),
  };

  it("writes each document of a user once", async () => {
    await fc.assert(
      fc.asyncProperty(kinds, async (faults) => {
        const sdk = new FakeSdk();
        inTurn(sdk, ...faults.map((kind) => faultOf[kind] ?? fine));

        const { successes, errors } = await batchOn(sdk).mWrite(
          "i",
          "c",
          documents(12),
          { batchSize: 3, retryForMs: 1_000_000 },
        );

        should(errors).be.empty();
        should(successes.map(({ position }) => position)).eql([
          ...Array(12).keys(),
        ]);
        should(sdk.plugin.written).have.length(12);
      }),
      { numRuns: 100 },
    );
  });

  it("writes each anonymous document at most once, and reports which are unknown", async () => {
    await fc.assert(
      fc.asyncProperty(kinds, async (faults) => {
        const sdk = new FakeSdk({ user: null });
        inTurn(
          sdk,
          ...faults
            .filter((kind) => kind !== "running")
            .map(
              (kind) =>
                faultOf[kind] ??
                ((_: unknown, run: () => Promise<unknown>) => run()),
            ),
        );

        const { successes, errors } = await batchOn(sdk).mWrite(
          "i",
          "c",
          documents(12),
          { batchSize: 3, retryForMs: 1_000_000 },
        );

        const ids = sdk.plugin.written.map(({ _id }) => _id);
        should(new Set(ids).size).equal(ids.length);
        should(successes.length + errors.length).equal(12);
        for (const { _id } of successes) should(ids).containEql(_id);
        for (const { code } of errors) should(code).equal("unknown_outcome");
      }),
      { numRuns: 100 },
    );
  });
});
