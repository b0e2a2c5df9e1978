import should from "should";

import { differences, matches } from "../../integration/docs/compare";
import {
  type Literal,
  readLines,
  readLiteral,
} from "../../integration/docs/literal";

const read = (text: string): Literal => readLiteral(text) as Literal;

describe("what a page shows, and what came", () => {
  it("agree in keys and values; versions and times may be others", () => {
    const shown = read(
      `{ "_id": "a", _version: 1, "found": 2, "list": [true, null] }`,
    );
    const came = { _id: "a", _version: 7, found: 2, list: [true, null] };
    should(differences(came, shown)).eql([]);
    should(differences({ ...came, found: 3 }, shown)).eql([
      "answer.found is 3, shown as 2",
    ]);
    should(differences({ ...came, _version: "7" }, shown)).have.length(1);
    should(differences({ ...came, list: [true] }, shown)).have.length(1);
    should(differences({ ...came, list: "no" }, shown)).eql([
      "answer.list is no list",
    ]);
  });

  it("differ by an additional or a missing key", () => {
    const shown = read(`{ "a": { "b": 1 } }`);
    should(differences({ a: { b: 1, c: 1 } }, shown)).eql([
      "answer.a.c is not shown",
    ]);
    should(differences({ a: {} }, shown)).eql([
      "answer.a.b is shown, and was not answered",
    ]);
    should(differences({ a: 1 }, shown)).eql([
      "answer.a is 1, shown as an object",
    ]);
  });

  it("may leave out what Kuzzle adds around an answer, and nothing within", () => {
    const shown = read(`{ "status": 200, "result": {} }`);
    should(differences({ status: 200, node: "n", result: {} }, shown)).eql([]);
    should(
      differences({ status: 200, result: { node: "n" } }, shown),
    ).have.length(1);
  });

  it("are open if a comment stands for the rest", () => {
    const shown = read(
      `{ "list": [ /* all */ ], "stats": { "a": 1 /* … */ }, "rest": { // more\n } }`,
    );
    should(
      differences(
        { list: [1, 2], stats: { a: 1, b: 2 }, rest: { c: 3 } },
        shown,
      ),
    ).eql([]);
    should(
      differences({ list: [], stats: { a: 2, b: 2 }, rest: {} }, shown),
    ).have.length(1);
    // a comment inside a part opens only that part
    should(
      differences({ list: [], stats: { a: 1 }, rest: {}, more: 1 }, shown),
    ).have.length(1);
  });

  it("may have other figures if the page says so", () => {
    const shown = read(`{ "n": 5, "text": "5" }`);
    should(differences({ n: 6, text: "5" }, shown, { anyFigures: true })).eql(
      [],
    );
    should(
      differences({ n: "6", text: "5" }, shown, { anyFigures: true }),
    ).have.length(1);
    should(
      differences({ n: 6, text: "6" }, shown, { anyFigures: true }),
    ).have.length(1);
  });

  it("match by …, by a placeholder, and in sentences whatever the figures", () => {
    should(matches("one two three", "one … three")).be.true();
    should(matches("one two", "one … three")).be.false();
    should(matches("id 42x", "id <unique identifier>")).be.true();
    should(matches("a.b", "a+b")).be.false();
    should(
      matches("1,200 written in 0.3 s", "3 written in 12.5 s", true),
    ).be.true();
    should(
      matches("1,200 lost in 0.3 s", "3 written in 12.5 s", true),
    ).be.false();
    should(matches("[a]: missing", "[_doc][a]: missing", true)).be.true();
    should(matches("2", "3")).be.false();
  });
});

describe("JSON as pages write it", () => {
  it("has comments and keys without quotes", () => {
    should(read(`{ a: -1, "b": ["x", true] // so\n}`)).containEql({ a: -1 });
    should(read(`{ a: -1, "b": ["x", true] }`)).eql({ a: -1, b: ["x", true] });
    should(readLines(`{"a":1}\n{"a":2}`)).eql([{ a: 1 }, { a: 2 }]);
  });

  it("is no program", () => {
    for (const text of [
      `{ a: f() }`,
      `{ ...a }`,
      `{ a }`,
      `const a = {};`,
      `{ a: 1 }; f();`,
      `[b]`,
    ]) {
      should(readLiteral(text)).be.undefined();
    }
    should(readLines(`{"a":1}\nconst b = 1;`)).be.undefined();
  });
});
