/** JSON texts with everything that a JavaScript parser would change. */
import fc from "fast-check";

const digits = (minLength: number, maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength })
    .map((all) => all.join(""));

const wholeNumber = fc.oneof(
  fc.constantFrom(
    ...["0", "-0", "9007199254740993", "-9223372036854775808"],
    ...["1306415010221662247", "9223372036854775807"],
  ),
  fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.integer({ min: 1, max: 9 }),
      digits(0, 30),
    )
    .map((parts) => parts.join("")),
);

const exponent = fc.constantFrom("", "", "e3", "E-7", "e+2", "E10");

const decimal = fc
  .tuple(
    fc.oneof(wholeNumber, fc.constantFrom("0", "1", "-1")),
    digits(1, 30),
    exponent,
  )
  .map(([whole, fraction, power]) => `${whole}.${fraction}${power}`);

/** Of any size and any number of digits, including some that no double can represent. */
export const anyNumber = fc.oneof(
  wholeNumber,
  decimal,
  fc.constantFrom("-0.0", "1.0", "1.10", "1e3", "1E-7", "1e400", "1e-400"),
);

const string = fc.oneof(
  fc
    .string({ maxLength: 12, unit: "binary" })
    .map((text) => JSON.stringify(text)),
  fc.constantFrom(
    ...['""', '"\\u00e9\\/"', '"é日本 😀"', '"\\ud83d\\ude00"', '"\\u2028"'],
    ...['"\\"},{\\""', '"\u2028\u2029"', '"1306415010221662247"'],
  ),
);

/** Any name except the empty one, which engines reject in the outermost object, and dots. */
const outerName = fc
  .tuple(
    fc.constantFrom("a", "b", "1", "10", "\\u00e9", "é", "z"),
    digits(0, 3),
  )
  .map(([name, more]) => `"${name}${more}"`);

const innerName = fc.oneof(outerName, fc.constantFrom('""', '" "', '"\\""'));

const space = fc.constantFrom("", "", "", " ", "\t");

/** Members in the given order, each name once however it is escaped. */
function objectOf(
  name: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  return fc
    .tuple(
      space,
      fc.uniqueArray(fc.tuple(name, space, value), {
        maxLength: 5,
        selector: ([each]) => JSON.parse(each) as string,
      }),
    )
    .map(
      ([gap, members]) =>
        `{${gap}${members.map(([each, inner, held]) => `${each}${inner}:${inner}${held}`).join(`,${gap}`)}}`,
    );
}

/** @returns texts of one object each, at most 100 levels deep */
export function objectTexts(number = anyNumber): fc.Arbitrary<string> {
  const scalar = fc.oneof(
    number,
    number,
    string,
    fc.constantFrom("true", "false", "null"),
  );
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      scalar,
      fc.array(tie("value"), { maxLength: 4 }).map((all) => `[${all.join()}]`),
      objectOf(innerName, tie("value")),
    ),
  }));
  const deep = fc
    .tuple(fc.integer({ min: 1, max: 98 }), scalar)
    .map(
      ([depth, inner]) => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`,
    );
  return objectOf(
    outerName,
    fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: deep }),
  );
}

/** A text with its numbers as strings: integers unchanged, others as doubles. */
export function comparable(text: string): unknown {
  return JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      token.startsWith('"')
        ? token
        : JSON.stringify(
            /^-?\d+$/.test(token)
              ? `#${BigInt(token)}`
              : `#${Number(token) + 0}`,
          ),
    ),
  );
}
