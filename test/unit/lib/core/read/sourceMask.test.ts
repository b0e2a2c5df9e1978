import fc from "fast-check";
import should from "should";

import { RawSource } from "../../../../../lib/core/RawSource";
import {
  isForEngine,
  SourceMask,
} from "../../../../../lib/core/read/sourceMask";
import { REQUEST_LIMITS } from "../../../../../lib/limits";
import type { Source } from "../../../../../lib/types";

const SOURCE: Source = {
  name: "x",
  owner: { id: 1, group: { id: 2, "a.b": 3 } },
  list: [{ id: 1, n: 2 }, 7, [{ id: 3 }]],
  empty: {},
  none: [],
  bare: [{}, [], 1],
  nil: null,
  named: "y",
};

function cut(
  text: string,
  includes: readonly string[],
  excludes: readonly string[] = [],
): string {
  const mask = new SourceMask({ kind: "fields", includes, excludes });
  const bytes = Buffer.from(`[${text}]`);
  const left = String(mask.cut(new RawSource(bytes, 1, bytes.length - 1)));
  should(String(mask.cut(JSON.parse(text)))).equal(
    JSON.stringify(JSON.parse(left)),
  );
  return left;
}

function mask(includes: string[], excludes: string[] = []): unknown {
  return JSON.parse(cut(JSON.stringify(SOURCE), includes, excludes));
}

describe("SourceMask", () => {
  it("[R13] leaves what it does not remove as it was written", () => {
    const text =
      '{ "a.1" : 1.10, "b":{"c":[ 1e5, {"a\\u0031":-0.0,"n":12345678901234567890} ]} }';
    should(cut(text, ["*1*"])).equal(
      '{"a.1":1.10,"b":{"c":[{"a\\u0031":-0.0}]}}',
    );
    should(cut(text, ["b*"], ["*.n"])).equal(
      '{"b":{"c":[1e5,{"a\\u0031":-0.0}]}}',
    );
    should(cut(text, ["b*"])).equal(
      '{"b":{"c":[ 1e5, {"a\\u0031":-0.0,"n":12345678901234567890} ]}}',
    );
  });

  it("[R14] keeps expensive masks away from the engine", () => {
    const isFew = (includes: string[], excludes: string[] = []): boolean =>
      isForEngine({ kind: "fields", includes, excludes });
    should(isFew(["a.b", "c"], ["d"])).be.true();
    should(isFew(["a".repeat(32)], ["b".repeat(32)])).be.true();
    should(isFew(["a".repeat(32)], ["b".repeat(33)])).be.false();
    should(isFew(["a.b", "c*"])).be.false();
    should(isFew([], ["*"])).be.false();
    should(isForEngine({ kind: "all" })).be.true();
  });

  it("treats every name as that of a field", () => {
    const text = '{"__proto__":{"a":1},"constructor":{"b":2},"c":3}';
    should(cut(text, ["__proto__.a", "constructor"])).equal(
      '{"__proto__":{"a":1},"constructor":{"b":2}}',
    );
  });

  const STARS = REQUEST_LIMITS.maskWildcards.value;
  const WORST: Record<string, string[]> = {
    "all stars in one name": [`${"*a".repeat(STARS)}b`],
    "long texts between the stars": Array(STARS).fill(`*${"a".repeat(300)}b`),
    "a star in each of several names": Array.from(
      { length: STARS },
      (_, i) => `*${"ab".repeat(100 + i)}c`,
    ),
    "stars in two places of several": Array.from(
      { length: STARS / 2 },
      (_, i) => `*${"a".repeat(i + 1)}*${"b".repeat(i + 1)}c`,
    ),
    "as many names as may be": Array.from(
      { length: REQUEST_LIMITS.maskFields.value },
      (_, i) => `${"a".repeat(20)}${i}`,
    ),
  };
  for (const [title, patterns] of Object.entries(WORST)) {
    it(`[R14] takes as long as the document has characters: ${title}`, () => {
      const names = ["a".repeat(100), "ab".repeat(50), "aab".repeat(33)];
      const source = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, i) => [`${names[i % 3]}${i}`, 1]),
      );
      const text = RawSource.ofText(JSON.stringify(source));
      for (const lists of [
        { includes: patterns, excludes: [] },
        { includes: [], excludes: patterns },
      ]) {
        const startedAt = performance.now();
        new SourceMask({ kind: "fields", ...lists }).cut(text);
        should(performance.now() - startedAt).be.below(1_000);
      }
    });
  }

  it("[R14] goes through an object in objects once", () => {
    const depth = 500;
    const text = `${'{"a":'.repeat(depth)}${JSON.stringify("x".repeat(500_000))}${"}".repeat(depth)}`;
    const startedAt = performance.now();
    should(cut(text, ["*.b"])).equal("{}");
    should(performance.now() - startedAt).be.below(1_000);
  });

  const ROWS: Array<[string[], string[], object]> = [
    [["name"], [], { name: "x" }],
    [["owner"], [], { owner: SOURCE.owner as object }],
    [["owner.id"], [], { owner: { id: 1 } }],
    [["owner.*"], [], { owner: SOURCE.owner as object }],
    [["name*"], [], { name: "x", named: "y" }],
    [["list.n"], [], { list: [{ n: 2 }] }],
    [["owner"], ["owner.group"], { owner: { id: 1 } }],
    [["owner.group"], ["owner"], {}],
    [["nil"], [], { nil: null }],
    [["none", "empty"], [], { none: [], empty: {} }],
    [["na"], [], {}],
    [["n.me"], [], {}],
    [["unknown"], [], {}],
    // the engine only looks into values to which an exclude might apply
    [["list"], ["list.id"], { list: [{ n: 2 }, 7] }],
    [["bare"], ["bare.id"], { bare: [1] }],
    [["bare"], ["other"], { bare: [{}, [], 1] }],
    [["bare"], ["b*.x"], { bare: [1] }],
    [["*"], ["*"], {}],
    [[], ["owner", "list", "bare", "nil", "no*", "na*"], { empty: {} }],
  ];
  for (const [includes, excludes, expected] of ROWS) {
    it(`leaves ${JSON.stringify(expected)} of ${JSON.stringify({ includes, excludes })}`, () => {
      should(mask(includes, excludes)).eql(expected);
    });
  }

  it("[R6] shows nothing that is excluded, for any document", () => {
    const value = fc.jsonValue();
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b", "c"), value),
        fc.subarray(["a", "b", "c", "a.*", "*"]),
        (source, includes) => {
          const masked = JSON.parse(
            cut(JSON.stringify(source), includes, ["b"]),
          ) as object;
          should(masked).not.have.property("b");
          for (const name of Object.keys(masked)) {
            should(source).have.property(name);
          }
        },
      ),
    );
  });

  it("changes nothing of the source itself", () => {
    const before = structuredClone(SOURCE);
    mask(["owner.*"], ["owner.group"]);
    should(SOURCE).eql(before);
  });
});
