import fc from "fast-check";
import should from "should";

import {
  eachElement,
  eachMember,
  endOfValue,
} from "../../../../lib/core/jsonBytes";

/** Whitespace that an engine may write between two values. */
const space = fc.constantFrom("", " ", "\n", "\t ", "\r\n  ");

/**
 * Escapes and quotes before, at and after the position where the search for the end begins.
 */
const longString = fc
  .array(fc.constantFrom("a", "é", '\\"', "\\\\"), {
    minLength: 20,
    maxLength: 60,
  })
  .map((parts) => `"${parts.join("")}"`);

/** Valid JSON in every possible layout. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("null", "true", "false"),
    fc.constantFrom("0", "-1.50e+2", "9007199254740993", "1E400", "0.10"),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    longString,
    fc.constantFrom('"\\u00e9"', '"\\\\"', '"\\\\\\""', '"}{][,:"', '"\\/"'),
    fc
      .tuple(fc.array(tie("value"), { maxLength: 4 }), space)
      .map(([list, gap]) => `[${gap}${list.join(`${gap},${gap}`)}${gap}]`),
    objectOf(tie("value")).map(({ text }) => text),
  ),
})).value;

function objectOf(
  value: fc.Arbitrary<string>,
): fc.Arbitrary<{ text: string; parts: Array<[string, string]> }> {
  const key = fc.oneof(
    fc.string({ unit: "binary", maxLength: 5 }),
    fc.constantFrom("_source", '"', "\\", "}", "__proto__"),
  );
  return fc
    .tuple(
      fc.uniqueArray(fc.tuple(key, value), {
        selector: ([name]) => name,
        maxLength: 4,
      }),
      space,
    )
    .map(([parts, gap]) => ({
      parts,
      text: `{${gap}${parts
        .map(([name, text]) => `${JSON.stringify(name)}${gap}:${gap}${text}`)
        .join(`${gap},${gap}`)}${gap}}`,
    }));
}

/** The raw text of each member, found by `eachMember`. */
function members(text: string): [string, string][] {
  const json = Buffer.from(text);
  const found: [string, string][] = [];
  eachMember(json, 0, (name, nameEnd, start) => {
    const end = endOfValue(json, start);
    const key = json.toString("utf8", name, nameEnd);
    found.push([JSON.parse(key) as string, json.toString("utf8", start, end)]);
    return end;
  });
  return found;
}

function elements(text: string): string[] {
  const json = Buffer.from(text);
  const found: string[] = [];
  eachElement(json, 0, (start) => {
    const end = endOfValue(json, start);
    found.push(json.toString("utf8", start, end));
    return end;
  });
  return found;
}

describe("JSON as bytes", () => {
  it("yields each member of an object unchanged [W3]", () => {
    fc.assert(
      fc.property(objectOf(jsonText), space, ({ text, parts }, gap) => {
        should(members(`${gap}${text}${gap}`)).eql(parts);
      }),
    );
  });

  it("yields each element of a list unchanged [W3]", () => {
    fc.assert(
      fc.property(fc.array(jsonText), space, (list, gap) => {
        const text = `${gap}[${gap}${list.join(`${gap},${gap}`)}${gap}]`;
        should(elements(text)).eql(list);
      }),
    );
  });

  it("agrees with JSON.parse on any value", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const found = members(JSON.stringify(object));
        should(found.map(([name]) => name)).eql(Object.keys(object));
        for (const [name, text] of found) {
          should(JSON.stringify(JSON.parse(text))).equal(
            JSON.stringify(object[name]),
          );
        }
      }),
    );
  });

  it("does not read past a text that ends too early", () => {
    fc.assert(
      fc.property(
        objectOf(jsonText),
        fc.array(jsonText, { minLength: 1 }),
        fc.nat(),
        ({ text }, list, cut) => {
          const object = Buffer.from(text);
          const whole = Buffer.from(`[${list.join(",")}]`);
          const part = (bytes: Buffer): string =>
            bytes.subarray(0, cut % bytes.length).toString("latin1");
          should(() => members(part(object))).throw(SyntaxError);
          should(() => elements(part(whole))).throw(SyntaxError);
        },
      ),
    );
  });

  for (const [what, value] of [
    ["NaN", "NaN"],
    ["an infinity", "-Infinity"],
    ["a comment", '1 /* "} */'],
    ["a comment to the end of the line", '1 // "\n'],
    ["a value in single quotes", "'a'"],
  ] as const) {
    it(`rejects ${what}, which an engine may have taken from a client`, () => {
      should(() => members(`{"a":{"b":${value}}}`)).throw(SyntaxError);
    });
  }
});
