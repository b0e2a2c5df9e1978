import should from "should";

import { AdaptiveLimit } from "../../../../../lib/core/dispatch/AdaptiveLimit";
import { UsualDurations } from "../../../../../lib/core/dispatch/UsualDurations";

function limitAfter(
  slowdown: number,
  calls: number,
  bounds = { min: 1, max: 200 },
): number {
  const limit = new AdaptiveLimit(bounds);
  for (let i = 0; i < calls; i++) {
    limit.answered(slowdown, limit.value);
  }
  return limit.value;
}

describe("AdaptiveLimit", () => {
  it("[R12] grows while calls take no longer than usual, up to its bound", () => {
    should(limitAfter(1, 10)).be.above(20);
    should(limitAfter(1, 1_000)).equal(200);
  });

  it("[R12] shrinks when calls take much longer than usual, down to its bound", () => {
    should(limitAfter(4, 20)).be.below(8);
    should(limitAfter(1_000, 1_000, { min: 6, max: 200 })).equal(6);
  });

  it("[R12] finds its limit where calls are slightly slower", () => {
    const settled = limitAfter(2.5, 1_000);
    should(settled).be.within(10, 40);
    should(limitAfter(2.5, 2_000)).equal(settled);
  });

  it("[R12] learns nothing from calls that it did not hold back", () => {
    const limit = new AdaptiveLimit({ min: 1, max: 200 });
    for (let i = 0; i < 100; i++) {
      limit.answered(1, 2);
      limit.answered(100, 2);
    }
    should(limit.value).equal(16);
  });

  it("[W4] is halved when the engine rejects, once for calls that were in flight together", () => {
    const limit = new AdaptiveLimit({ min: 1, max: 200 });
    const { epoch } = limit;
    limit.rejected(epoch);
    limit.rejected(epoch);
    should(limit.value).equal(8);

    limit.rejected(limit.epoch);
    should(limit.value).equal(4);
  });

  it("[W4] never goes below its lower bound", () => {
    const limit = new AdaptiveLimit({ min: 3, max: 8 });
    for (let i = 0; i < 9; i++) {
      limit.rejected(limit.epoch);
    }
    should(limit.value).equal(3);
  });
});

describe("UsualDurations", () => {
  it("compares calls of about the same size", () => {
    const usual = new UsualDurations();
    usual.learn(1, 2);
    usual.learn(1_000, 50);

    should(usual.of(1)).equal(2);
    should(usual.of(900)).equal(50);
  });

  it("uses known sizes for an unknown one", () => {
    const usual = new UsualDurations();
    should(usual.of(10)).equal(undefined);
    usual.learn(10, 50);
    should(usual.of(1)).equal(50); // no more than that

    usual.learn(1, 2);
    // 4 to 7 documents are four times as many as one
    should(usual.of(7)).equal(8);
  });

  it("follows the fast ones, and the slow ones only when all are slow", () => {
    const usual = new UsualDurations();
    for (let i = 0; i < 50; i++) {
      usual.learn(1, i % 5 === 0 ? 2_000 : 2);
    }
    should(usual.of(1)).be.below(4);

    for (let i = 0; i < 500; i++) {
      usual.learn(1, 2_000);
    }
    should(usual.of(1)).be.above(1_000);
  });
});
