import fc from "fast-check";
import _ from "lodash";
import should from "should";

import { FieldPatterns } from "../../../../../lib/core/read/FieldPatterns";
import { REQUEST_LIMITS } from "../../../../../lib/limits";

const part = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 5 });
const patterns = fc.array(
  fc
    .array(fc.oneof(part, fc.constantFrom("*", "*", "**", ".")), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join("")),
  { minLength: 1, maxLength: 4 },
);
const text = fc.string({
  unit: fc.constantFrom("a", "a", "a", "b", "b", "."),
  maxLength: 25,
});

/** A pattern selects the field with that path, and everything below it. */
function isMeant(path: string, list: readonly string[]): boolean {
  return list.some((pattern) =>
    new RegExp(
      `^${pattern
        .split("*")
        .map((each) => _.escapeRegExp(each))
        .join(".*")}(\\..*)?$`,
    ).test(path),
  );
}

describe("FieldPatterns", () => {
  it("[R6] mean what regular expressions would, however a path is read", () => {
    fc.assert(
      fc.property(patterns, fc.array(text, { maxLength: 4 }), (list, parts) => {
        const read = new FieldPatterns(list);
        let state = read.start;
        let path = "";
        let wasDead = false;
        for (const each of parts) {
          path += each;
          state = read.read(state, each);
          should(state.isMatch).equal(isMeant(path, list), path);
          should(wasDead && state.isMatch).be.false();
          wasDead = state.isDead;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("are dead if they can no longer match", () => {
    const read = new FieldPatterns(["a.b", "ab*c"]);
    const after = (path: string) => read.read(read.start, path);
    should(["", "a", "a.b", "abx"].map((path) => after(path).isDead)).eql([
      ...[false, false, false, false],
    ]);
    should(["b", "a.c", "a.bb"].map((path) => after(path).isDead)).eql([
      ...[true, true, true],
    ]);
  });

  it("[R14] take as long as the text, whatever they have in common with it", () => {
    const [firsts, seconds] = ["bcde", "ghij"];
    const long = "a".repeat(
      Math.floor(REQUEST_LIMITS.maskBytes.value / 8) - 10,
    );
    const worst = _.range(4).map(
      (i) => `*${long}${firsts[i]}*${long}${seconds[i]}`,
    );
    // all that may result from the first halves, each with as much of the second
    const names = _.range(2 ** 4).map((some) => {
      const had = _.range(4).filter((i) => (some >> i) & 1);
      return `${had.map((i) => long + firsts[i]).join("")}${long}z`;
    });
    const read = new FieldPatterns(worst);
    const startedAt = performance.now();
    for (const name of _.times(5, () => names).flat()) {
      should(read.read(read.start, name).isMatch).be.false();
    }
    should(performance.now() - startedAt).be.below(1_000);
  });
});
