import fc from "fast-check";
import _ from "lodash";
import should from "should";

import { RawSource } from "../../../../lib/core/RawSource";
import { contentAfter } from "../../../../lib/kuzzle/events/contentAfter";
import type { Source } from "../../../../lib/types";

const text = (json: string) => RawSource.ofText(json);
const few = fc.jsonValue({ maxDepth: 2 });
const source = fc.dictionary(fc.constantFrom("a", "b", "__proto__"), few);

describe("what a pipe has made of a document", () => {
  it("[R6, R13] stays the text that it was exactly where nothing is changed", () => {
    fc.assert(
      fc.property(source, source, (one, other) => {
        const seen = text(JSON.stringify(one));
        const copy = JSON.parse(JSON.stringify(one)) as Source;
        should(contentAfter(seen, copy)).equal(seen);
        const piped = JSON.parse(JSON.stringify(other)) as Source;
        should(contentAfter(seen, piped)).equal(
          _.isEqual(seen.parse(), piped) ? seen : piped,
        );
      }),
    );
  });

  it("[R6] is what a pipe has left where it left what is no JSON", () => {
    for (const made of [{ a: new Date(0) }, { a: undefined }, { a: [] }]) {
      const piped = made as unknown as Source;
      should(contentAfter(text('{"a":{}}'), piped)).equal(piped);
    }
  });

  it("[R14] is found out however deeply a document is nested", () => {
    const json = `${'{"a":['.repeat(50_000)}1${"]}".repeat(50_000)}`;
    const seen = text(json);
    should(contentAfter(seen, JSON.parse(json)) === seen).be.true();
    const changed = JSON.parse(json.replace("1", "2")) as Source;
    should(contentAfter(seen, changed) === changed).be.true();
  });
});
