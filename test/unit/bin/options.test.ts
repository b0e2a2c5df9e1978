import should from "should";

import {
  columnTypes,
  delimiter,
  fieldList,
  milliseconds,
  wholeNumber,
} from "../../../bin/options";

describe("values of options", () => {
  it("list the allowed values when invalid", () => {
    should(() => columnTypes("x:int")).throw(
      /string, number, integer, boolean, date, json/,
    );
    should(() => delimiter("ab")).throw(/one character, or tab/);
    should(() => fieldList("a, b")).throw(/without spaces/);
    should(() => milliseconds("1h")).throw(/500ms or 1s/);
    should(() => wholeNumber(1, 64)("65")).throw(/from 1 to 64/);
  });

  it("are read as they are meant", () => {
    should([...columnTypes("a:b:number,c:json")]).eql([
      ["a:b", "number"],
      ["c", "json"],
    ]);
    should(delimiter("tab")).equal("\t");
    should(fieldList("name,address.city")).eql(["name", "address.city"]);
    should(milliseconds("2m")).equal(120_000);
    should(wholeNumber(1, 64)("64")).equal(64);
  });
});
