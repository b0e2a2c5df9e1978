import should from "should";

import { wordProblems } from "../../../scripts/checks/words";

describe("the check of words", () => {
  for (const [text, say] of [
    ["// the twin of a request", "native request, native events"],
    ["const twinRequest = 1;", "native request, native events"],
    ["function toDialectDocument() {}", "compatibility API"],
    ["class JsonDefect {}", "validation error, validate"],
    [
      "nothing is lost in silence",
      "connection lost, silently, limitations, fix",
    ],
    ["the document is put back", "rollback, restore, discard"],
    ["a request that the server refuses", "rejected, invalid, final"],
    ["a foreign write", "modified concurrently, not written, maybe in flight"],
    [
      "const inDoubt = new Set();",
      "modified concurrently, not written, maybe in flight",
    ],
  ] as const) {
    it(`reports "${text}"`, () => {
      const found = wordProblems("lib/a.ts", text);
      should(found.map((each) => each.say)).eql([say]);
    });
  }

  it("names the line", () => {
    should(wordProblems("lib/a.ts", "a\nb\nits fate")).eql([
      {
        line: 3,
        found: "fate",
        say: "modified concurrently, not written, maybe in flight",
      },
    ]);
  });

  it("reads titles of tests, and nothing else of them", () => {
    const title = "has a twin";
    const words = `const twin = 1;\nit("${title}", () => {`;
    should(wordProblems("test/a.test.ts", words).map(({ line }) => line)).eql([
      2,
    ]);
    should(wordProblems("features/a.feature", words)).have.length(2);
  });

  it("accepts names on the wire, other meanings, and parts of other words", () => {
    for (const [file, text] of [
      ["lib/errors.ts", '"batch.write.refused": {'],
      ["lib/config.ts", "maxLookups: {"],
      ["lib/a.ts", "await Promise.allSettled(sent);"],
      ["lib/a.ts", "the recommended way to amend it"],
    ] as const) {
      should(wordProblems(file, text)).eql([]);
    }
  });
});
