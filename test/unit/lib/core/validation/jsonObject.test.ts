import fc from "fast-check";
import should from "should";

import {
  findJsonError,
  withMember,
  withoutMember,
} from "../../../../../lib/core/validation/jsonObject";

const RULES = { maxDepth: 10, isRewritten: false, hasUniqueNames: true };

/** More than are searched one by one. */
const NAMES = Array.from({ length: 50 }, (_, i) => `"${i}":1`).join(",");

function defectOf(text: string, rules = RULES): string | undefined {
  return findJsonError(text, rules);
}

/** Texts that are JSON, or nearly. */
const nearJson = fc
  .tuple(
    fc
      .tuple(fc.jsonValue({ maxDepth: 4 }), fc.nat(2))
      .map(([value, indent]) => JSON.stringify(value, null, indent)),
    fc.array(
      fc.tuple(fc.nat(200), fc.constantFrom(...'{}[]":,\\\n 0-+.eEtu')),
      {
        maxLength: 2,
      },
    ),
  )
  .map(([json, changes]) =>
    changes.reduce(
      (text, [at, unit]) => text.slice(0, at) + unit + text.slice(at + 1),
      json,
    ),
  );

function isObjectForParse(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

describe("findJsonError", () => {
  it("[R13] takes what JSON.parse takes for an object, and nothing else", () => {
    fc.assert(
      fc.property(nearJson, (text) => {
        const defect = defectOf(text, { ...RULES, maxDepth: 100 });
        if (defect?.includes("occurs twice in an object") !== true) {
          should(defect === undefined).equal(isObjectForParse(text), defect);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  for (const text of [
    "{}",
    ' {"a" : [ ] }\n',
    '{"n":1306415010221662247,"z":-0.0,"e":1E-7,"f":1.10}',
    '{"":{"":""},"\\u00e9\\n":"\\ud800"}',
    '{"a":{"x":1},"b":{"x":1}}',
    '{"a":"\\"\\\\","b":\n"\\\\"}',
    `{${NAMES}}`,
  ]) {
    it(`[R13] takes ${text}`, () => {
      should(defectOf(text)).equal(undefined);
    });
  }

  for (const [text, defect] of [
    ["", "not one JSON object: an object was expected at character 0"],
    ["[1]", "not one JSON object: an object was expected at character 0"],
    ["{}{}", "not one JSON object: its end was expected at character 2"],
    ['{"a":1', /a comma or the end .* at character 6$/],
    ['{"a":01}', /at character 6$/],
    ['{"a":.5}', /a value was expected at character 5$/],
    ['{"a":NaN}', /a value was expected at character 5$/],
    ['{"a":1,}', /a name was expected at character 7$/],
    ['{"a":/**/1}', /a value was expected at character 5$/],
    ["{'a':1}", /a name was expected at character 1$/],
    ['{"a":"\n"}', /another character was expected at character 6$/],
    ['{"a":"\\x"}', /an escape of JSON was expected at character 6$/],
    ['{"a":"\\n\n"}', /another character was expected at character 8$/],
    ['{"a":"b', /another character was expected at character 7$/],
    ['{"a":"\\"}', /another character was expected at character 9$/],
    ['{"a":tru}', /a value was expected at character 5$/],
    [`{${NAMES},"20":1}`, 'the name "20" occurs twice in an object'],
    ['{"a":1,"b":2,"a":3}', 'the name "a" occurs twice in an object'],
    ['{"a":{"b":1,"\\u0062":2}}', 'the name "b" occurs twice in an object'],
    [`{"a":${"[".repeat(10)}${"]".repeat(10)}}`, "more than 10 levels deep"],
  ] as const) {
    it(`[R13] rejects ${text}`, () => {
      should(defectOf(text)).match(defect);
    });
  }

  for (const [what, part] of [
    ["escapes", "\\n"],
    ["escaped quotes", '\\"'],
    ["strings in lines", '",\n"'],
  ] as const) {
    it(`[R14] takes a time that grows with the text, with nothing but ${what}`, () => {
      const text = `{"a":["${part.repeat(1_000_000 / part.length)}"]}`;
      const startedAt = process.cpuUsage();
      should(defectOf(text)).equal(undefined);
      // about 20 ms; it would be minutes if each part were searched to the end of the text
      const { user } = process.cpuUsage(startedAt);
      should(user).be.below(1_000_000);
    });
  }

  it("[R7] rejects for an update what would spoil the whole bulk", () => {
    const isRewritten = { ...RULES, isRewritten: true };
    const withNumber = (length: number) => `{"a":${"1".repeat(length)}}`;
    const withName = (length: number) => `{"${"n".repeat(length)}":1}`;
    for (const text of [withNumber(1_000), withName(50_000)]) {
      should(defectOf(text, isRewritten)).equal(undefined);
    }
    for (const text of [withNumber(1_001), withName(50_001)]) {
      should(defectOf(text, isRewritten)).match(/ is longer than \d+ char/);
      should(defectOf(text)).equal(undefined);
    }
  });

  it("[R13] rejects for an update what the engine would round", () => {
    const isRewritten = { ...RULES, isRewritten: true };
    should(defectOf('{"a":[1.1,1e400]}', isRewritten)).match(/round 1e400$/);
    should(defectOf('{"a":[1.1,1e400]}')).equal(undefined);
  });
});

describe("a member of an object's text", () => {
  it("[U1] is taken out, however it is spelled, and the others stay", () => {
    const text = '{ "b" : 1.10, "\\u005finfo": {"a":[1]},"c":{"_info":2} }';
    should(withoutMember(text, "_info")).equal('{"b" : 1.10,"c":{"_info":2}}');
    should(withoutMember('{"a":1.0}', "_info")).equal('{"a":1.0}');
    should(withoutMember('{"_info":1}', "_info")).equal("{}");
    should(withoutMember('{ "\\u0061":1.0 }', "_info")).equal(
      '{ "\\u0061":1.0 }',
    );
  });

  it("[U1] is added", () => {
    should(withMember('{"a":1.0 }', "b", "2")).equal('{"a":1.0,"b":2}');
    should(withMember("{ }", "b", "{}")).equal('{"b":{}}');
  });
});
