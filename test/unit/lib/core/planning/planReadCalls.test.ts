import fc from "fast-check";
import should from "should";

import { planReadCalls } from "../../../../../lib/core/planning/planReads";
import type { Address } from "../../../../../lib/types";

function addressesOf(collections: readonly string[]): Address[] {
  return collections.map((collection, i) => ({ collection, _id: `d${i}` }));
}

function sizes(calls: readonly (readonly number[])[]): number[] {
  return calls.map(({ length }) => length);
}

describe("planReads", () => {
  it("[R1] requests each address once, in calls that are not too large", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 900 }),
        fc.integer({ min: 1, max: 300 }),
        (collections, maxCount) => {
          const addresses = addressesOf(collections);
          const positions = [...addresses.keys()].filter(
            (each) => each % 3 > 0,
          );
          const calls = planReadCalls(addresses, positions, maxCount);

          should(calls.flat().sort((a, b) => a - b)).eql(positions);
          for (const call of calls) {
            should(call.length).be.within(1, maxCount);
            should(call).eql([...call].sort((a, b) => a - b));
          }
          // ordered by what they begin with
          const first = calls.map(([each]) => each as number);
          should(first).eql([...first].sort((a, b) => a - b));
        },
      ),
    );
  });

  it("splits long lists into concurrent calls, and short ones not at all", () => {
    const plan = (count: number): number[] =>
      sizes(
        planReadCalls(
          addressesOf(Array<string>(count).fill("a")),
          [...Array(count).keys()],
          500,
        ),
      );
    should(plan(0)).eql([]);
    should(plan(1)).eql([1]);
    should(plan(100)).eql([100]);
    should(plan(200)).eql([100, 100]);
    should(plan(1_000)).eql([500, 500]);
    should(plan(4_000)).eql(Array(8).fill(500));
  });

  it("gives a collection its own calls only if they are worth it", () => {
    const few = addressesOf([...Array(400).keys()].map((i) => `c${i % 40}`));
    should(sizes(planReadCalls(few, [...few.keys()], 500))).eql([200, 200]);

    const many = addressesOf([...Array(4_000).keys()].map((i) => `c${i % 4}`));
    const calls = planReadCalls(many, [...many.keys()], 500);
    should(sizes(calls)).eql(Array(8).fill(500));
    for (const call of calls) {
      should(new Set(call.map((each) => many[each]?.collection)).size).equal(1);
    }
  });
});
