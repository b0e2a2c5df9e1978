import fc from "fast-check";
import should from "should";

import { Backoff } from "../../../../../lib/core/retry/Backoff";

const policy = { maxRetries: 6, baseDelayMs: 50, maxDelayMs: 5_000 };

describe("Backoff", () => {
  it("[R10] doubles the bound with each attempt, up to the highest", () => {
    const backoff = new Backoff(policy, () => 1);
    const bounds = [1, 2, 3, 7, 8, 30, 2_000].map((attempts) =>
      backoff.delayMs("rejected", attempts),
    );

    should(bounds).eql([50, 100, 200, 3_200, 5_000, 5_000, 5_000]);
  });

  it("[U2] waits less for a conflict, which is over with the other writer", () => {
    const backoff = new Backoff(policy, () => 1);
    const bounds = [1, 2, 3, 20].map((attempts) =>
      backoff.delayMs("conflict", attempts),
    );

    should(bounds).eql([5, 10, 20, 500]);
  });

  it("[R10] jitters over the full width, from nothing to the bound", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom("rejected" as const, "conflict" as const),
        (random, attempts, cause) => {
          const bound = new Backoff(policy, () => 1).delayMs(cause, attempts);
          const delay = new Backoff(policy, () => random).delayMs(
            cause,
            attempts,
          );
          should(delay).equal(Math.round(random * bound));
          should(Number.isInteger(delay)).be.true();
        },
      ),
    );
  });

  it("uses the given randomness, once for each wait", () => {
    const given = [0, 0.5, 0.25];
    const backoff = new Backoff(policy, () => given.shift() as number);

    should([1, 1, 1].map((sent) => backoff.delayMs("rejected", sent))).eql([
      0, 25, 13,
    ]);
  });

  it("waits for nothing where the configuration says so", () => {
    const backoff = new Backoff({ ...policy, baseDelayMs: 0 }, () => 1);

    should(backoff.delayMs("rejected", 9)).equal(0);
  });
});
