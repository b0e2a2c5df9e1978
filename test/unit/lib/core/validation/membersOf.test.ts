import fc from "fast-check";
import should from "should";

import { JsonError } from "../../../../../lib/core/validation/JsonScanner";
import { membersOf } from "../../../../../lib/core/validation/jsonObject";

describe("members of JSON as text", () => {
  it("are those that JSON.parse finds, however the text is set", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(0, 2, "\t"),
        (object, indent) => {
          const found = [...membersOf(JSON.stringify(object, null, indent))];
          const values = found.map(([name, text]) => [name, JSON.parse(text)]);
          should(values).eql(
            Object.entries(JSON.parse(JSON.stringify(object))),
          );
        },
      ),
    );
  });

  it("[R13] are passed on as they are written", () => {
    const json =
      '{ "a\\"": 1306415010221662247 ,"b":1.10,"c":{"d":"}\\\\"},"e":[] }';
    should([...membersOf(json)]).eql([
      ['a"', "1306415010221662247"],
      ["b", "1.10"],
      ["c", '{"d":"}\\\\"}'],
      ["e", "[]"],
    ]);
    should(() => membersOf('{"a":"b')).throw(JsonError);
  });

  it("[R13] are found by the rules that a text has to keep", () => {
    const rules = { maxDepth: 2, isRewritten: false, hasUniqueNames: true };
    should(() => membersOf('{"a":1,"\\u0061":2}', rules)).throw(/twice/);
    should(() => membersOf('{"a":[[]]}', rules)).throw(/levels deep/);
    should([...membersOf('{"a":[1]}', rules)]).eql([["a", "[1]"]]);
  });
});
