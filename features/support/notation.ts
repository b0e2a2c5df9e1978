/**
 * The notation of the features' doc strings: YAML, a few tags, and `${name}` for remembered values.
 *
 * - data: `!bytes 513` (a string of that many bytes), `!accents 256` (letters of two bytes each),
 *   `!ids 101` (`["1", "2", …]`), `!repeated dune 3` (`[dune, dune, dune]`),
 *   `!documents 51` (`[{ _id: "1", body: { n: 1 } }, …]`)
 * - expectations: `!string`, `!integer`, `!list`, `!any`, `!absent`, `!match /text/`
 */
import assert from "node:assert/strict";

import { parse, type ScalarTag } from "yaml";

class Expectation {
  constructor(
    readonly name: string,
    readonly accepts: (actual: unknown) => boolean,
  ) {}
}

function expectation(
  name: string,
  accepts: (actual: unknown) => boolean,
): ScalarTag {
  return { tag: `!${name}`, resolve: () => new Expectation(name, accepts) };
}

const TAGS: ScalarTag[] = [
  expectation(
    "string",
    (actual) => typeof actual === "string" && actual !== "",
  ),
  expectation("integer", Number.isInteger),
  expectation("list", Array.isArray),
  expectation("any", (actual) => actual !== undefined),
  expectation("absent", (actual) => actual === undefined),
  { tag: "!match", resolve: (text) => matching(text) },
  { tag: "!bytes", resolve: (count) => "x".repeat(Number(count)) },
  { tag: "!accents", resolve: (count) => "é".repeat(Number(count)) },
  { tag: "!repeated", resolve: (text) => repeated(text) },
  { tag: "!ids", resolve: (count) => numbers(Number(count)).map(String) },
  {
    tag: "!documents",
    resolve: (count) =>
      numbers(Number(count)).map((n) => ({ _id: String(n), body: { n } })),
  },
];

function matching(text: string): Expectation {
  const pattern = new RegExp(text.replace(/^\/(.*)\/$/, "$1"));

  return new Expectation(
    `match ${pattern}`,
    (actual) => typeof actual === "string" && pattern.test(actual),
  );
}

function repeated(text: string): string[] {
  const [id = "", count] = text.split(" ");

  return Array.from({ length: Number(count) }, () => id);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, position) => position + 1);
}

export function read(
  text: string,
  remembered: ReadonlyMap<string, unknown> = new Map(),
): unknown {
  const filledIn = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    assert.ok(remembered.has(name), `Nothing is remembered as "${name}"`);

    return JSON.stringify(remembered.get(name));
  });

  return parse(filledIn, { customTags: TAGS });
}

/** Objects may have more members than expected; lists and scalars must be equal. */
export function assertMatches(
  actual: unknown,
  expected: unknown,
  place = "",
): void {
  const here = place === "" ? "it" : place;

  if (expected instanceof Expectation) {
    assert.ok(
      expected.accepts(actual),
      `${here} should be !${expected.name}, and it is ${JSON.stringify(actual)}`,
    );
  } else if (Array.isArray(expected)) {
    assert.ok(
      Array.isArray(actual),
      `${here} should be a list, and it is ${JSON.stringify(actual)}`,
    );
    assert.equal(
      actual.length,
      expected.length,
      `${here} should have ${expected.length} entries: ${JSON.stringify(actual)}`,
    );
    expected.forEach((entry, position) =>
      assertMatches(actual[position], entry, `${place}[${position}]`),
    );
  } else if (typeof expected === "object" && expected !== null) {
    assert.ok(
      typeof actual === "object" && actual !== null && !Array.isArray(actual),
      `${here} should be an object, and it is ${JSON.stringify(actual)}`,
    );
    for (const [key, value] of Object.entries(expected)) {
      assertMatches(
        (actual as Record<string, unknown>)[key],
        value,
        place === "" ? key : `${place}.${key}`,
      );
    }
  } else {
    assert.deepEqual(
      actual,
      expected,
      `${here} should be ${JSON.stringify(expected)}, and it is ${JSON.stringify(actual)}`,
    );
  }
}
