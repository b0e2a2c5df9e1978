import should from "should";

import { steadyGrowth } from "../../load/soak/steadyGrowth";

const flat = Array.from({ length: 40 }, (_, i) => 100 + (i % 3));

describe("steady growth", () => {
  it("is nothing of what goes up and down", () => {
    should(steadyGrowth(flat)).be.approximately(0, 0.02);
  });

  it("is a leak under the same noise", () => {
    should(steadyGrowth(flat.map((value, i) => value + i))).be.above(0.25);
  });

  it("is not made by a few peaks", () => {
    const peaks = flat.map((value, i) => (i % 13 === 12 ? 10 * value : value));
    should(steadyGrowth(peaks)).be.approximately(0, 0.02);
  });
});
