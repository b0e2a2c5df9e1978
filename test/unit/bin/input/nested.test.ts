import fc from "fast-check";
import should from "should";

import { CsvWriter } from "../../../../bin/export/CsvWriter";
import {
  assertPathsFit,
  flatJson,
  nestedJson,
} from "../../../../bin/input/nested";
import { InputError } from "../../../../bin/input/rawRow";

describe("nested columns", () => {
  it("are fields of objects, each value as it stands", () => {
    const fields = [
      ["name", '"Rome"'],
      ["at.lat", "1.10"],
      ["at.box.n", "1306415010221662247"],
      ["__proto__.a", "1"],
    ] as const;
    should(nestedJson(fields)).equal(
      '{"name":"Rome","at":{"lat":1.10,"box":{"n":1306415010221662247}},"__proto__":{"a":1}}',
    );
    should(flatJson(fields.slice(0, 2))).equal('{"name":"Rome","at.lat":1.10}');
  });

  it("are what the export of the same columns had", () => {
    const name = fc.stringMatching(/^[a-z]$/);
    const objects = fc.letrec((tie) => ({
      object: fc.dictionary(name, fc.oneof(fc.nat(), tie("object")), {
        minKeys: 1,
        maxKeys: 3,
      }),
    }));
    fc.assert(
      fc.property(objects.object, (object) => {
        const fields = leavesOf(object);
        const writer = new CsvWriter(
          fields.map(([path]) => path),
          ",",
        );
        const line = writer.document({
          id: "1",
          source: JSON.stringify(object),
        });
        should(line).equal(`1,${fields.map(([, json]) => json).join(",")}\n`);
        should(JSON.parse(nestedJson(fields))).eql(
          JSON.parse(JSON.stringify(object)),
        );
      }),
    );
  });

  it("are rejected if a path is both a value and an object, or has no name", () => {
    for (const paths of [["a", "a.b"], ["a..b"], ["a."]]) {
      should(() => assertPathsFit(paths)).throw(InputError);
    }
    assertPathsFit(["a.b", "a.c", "ab", "d"]);
  });
});

function leavesOf(
  object: Record<string, unknown>,
  parent = "",
): Array<[string, string]> {
  return Object.entries(object).flatMap(([name, value]) =>
    typeof value === "object"
      ? leavesOf(value as Record<string, unknown>, `${parent}${name}.`)
      : [[`${parent}${name}`, JSON.stringify(value)] as [string, string]],
  );
}
