import fc from "fast-check";
import should from "should";

import { maskSource } from "../../../../../lib/core/read/sourceMask";
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

function mask(includes: string[], excludes: string[] = []) {
  return maskSource(SOURCE, { kind: "fields", includes, excludes });
}

describe("maskSource", () => {
  it("keeps everything, or nothing", () => {
    should(maskSource(SOURCE, { kind: "all" })).equal(SOURCE);
    should(maskSource(SOURCE, { kind: "none" })).be.undefined();
  });

  it("takes no name for anything but a field's", () => {
    const text = '{"__proto__":{"a":1},"constructor":{"b":2},"c":3}';
    const kept = maskSource(JSON.parse(text) as Source, {
      kind: "fields",
      includes: ["__proto__.a", "constructor"],
      excludes: [],
    });
    should(JSON.stringify(kept)).equal(
      '{"__proto__":{"a":1},"constructor":{"b":2}}',
    );
  });

  it("is done with a pattern full of stars in no time", () => {
    const source = { ["a".repeat(200)]: 1 };
    const includes = [`${"*a".repeat(50)}b`];
    const startedAt = performance.now();
    should(maskSource(source, { kind: "fields", includes, excludes: [] })).eql(
      {},
    );
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
    // the engine only looks into what an exclude might mean something in
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
          const masked = maskSource(source, {
            kind: "fields",
            includes,
            excludes: ["b"],
          });
          should(masked).not.have.property("b");
          for (const name of Object.keys(masked ?? {})) {
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
