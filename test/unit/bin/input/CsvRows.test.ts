import should from "should";

import type { CellType } from "../../../../bin/input/cells";
import type { Row } from "../../../../bin/input/rows";
import { csv, rejectOf, told } from "./rowsSupport";

describe("rows of CSV", () => {
  it("makes fields of columns, and none of empty cells", () => {
    should(csv({}, "_id,name,note", 'x,"a ""b"",\nc",', ",y,z").map(told)).eql([
      { id: "x", _id: "x", body: { name: 'a "b",\nc' } },
      { id: "new-3", _id: "new-3", body: { name: "y", note: "z" } },
    ]);
  });

  it("reads cells as the types of their columns", () => {
    const types = new Map<string, CellType>([
      ["n", "number"],
      ["b", "boolean"],
      ["j", "json"],
      ["i", "integer"],
      ["d", "date"],
    ]);
    should(
      csv(
        { idField: "k", types },
        ...[
          "k,n,b,j,i,d",
          '1,-2.5,TRUE,"{""x"":[1]}",7,2020-01-02',
          "2,x,,,,",
          "3,,yes,,,",
          "4,,,{,,",
          "5,,,,1.5,",
          "6,,,,,x",
        ],
      ).map(told),
    ).eql([
      {
        id: "1",
        _id: "1",
        body: {
          k: "1",
          n: -2.5,
          b: true,
          j: { x: [1] },
          i: 7,
          d: "2020-01-02",
        },
      },
      ["invalid", "n is not a decimal number in the range of a double: x"],
      ["invalid", "b is not a boolean: yes"],
      ["invalid", "j is not JSON: {"],
      ["invalid", "i is not a 64-bit integer: 1.5"],
      ["invalid", "d is not a date: x"],
    ]);
  });

  it("[R13] keeps the digits of a number, and rejects what a number cannot hold", () => {
    const types = new Map<string, CellType>([
      ["n", "number"],
      ["i", "integer"],
      ["j", "json"],
    ]);
    const sent = (name: string, cell: string) => {
      const [row] = csv(
        { types, delimiter: "|" },
        "_id|n|i|j",
        `x|${{ n: `${cell}||`, i: `|${cell}|`, j: `||${cell}` }[name]}`,
      );
      return row?.kind === "document"
        ? JSON.parse(row.wire.toString()).json.slice(5, -1)
        : undefined;
    };
    for (const [cell, number] of Object.entries({
      ...{ "1306415010221662247": "1306415010221662247", "1.10": "1.10" },
      ...{ " 12 ": "12", "1.": "1", ".5": "0.5", "007": "7", "+5": "5" },
      ...{ "-0.0": "-0.0", "1E3": "1e3", "1e+2": "1e+2", "-.5e-7": "-0.5e-7" },
      ...{ "0.12345678901234567890123": "0.12345678901234567890123" },
      ...{ "0e999": "0e999" },
    })) {
      should(sent("n", cell)).equal(number, cell);
    }
    for (const cell of [
      ...["0x10", "1e400", "-1e400", "1e-400", "Infinity", "NaN", "1,234"],
      ...["1_000", ".", "e5", "1 2", "0b1", "-", "1.2.3"],
    ]) {
      should(sent("n", cell)).be.undefined();
      should(sent("i", cell)).be.undefined();
    }
    for (const [cell, number] of Object.entries({
      "9007199254740993": "9007199254740993",
      "-9223372036854775808": "-9223372036854775808",
      "18446744073709551615": "18446744073709551615",
      "007": "7",
    })) {
      should(sent("i", cell)).equal(number);
    }
    for (const cell of [
      "-9223372036854775809",
      "18446744073709551616",
      "1e3",
      "1.0",
    ]) {
      should(sent("i", cell)).be.undefined();
    }
    should(sent("j", '{"a":1.0}')).equal('{"a":1.0}');
    for (const cell of ['1,"x":2', "1.", "{}}", '{"a":1,"a":2}']) {
      should(sent("j", cell)).be.undefined();
    }
  });

  it("rejects invalid records, and continues", () => {
    const rows = csv(
      ...[{ idField: "k" }, "k,name", "1,a,b", "2", "3,c\0d", ",e", "5,f"],
      Buffer.from([0x36, 0x2c, 0xff]),
    );
    should(rows.map(told)).eql([
      ["invalid", "The row has 3 fields, the header 2."],
      ["invalid", "The row has 1 fields, the header 2."],
      ["invalid", "The row has a NUL byte."],
      ["invalid", "k must be a non-empty string."],
      { id: "5", _id: "5", body: { k: "5", name: "f" } },
      ["invalid", "The row is not UTF-8."],
    ]);
    should(JSON.parse(rejectOf(rows[0])).raw).equal("1,a,b");
  });

  it("keeps a column of any name a field of its own document", () => {
    should(told(csv({}, "_id,__proto__,constructor", "x,a,b")[0] as Row)).eql({
      ...{ id: "x", _id: "x" },
      body: JSON.parse('{"__proto__":"a","constructor":"b"}'),
    });
  });

  it("stops at a header that seems to have another delimiter", () => {
    (() => csv({}, "id;a", "1;2")).should.throw(/"id;a".*--delimiter ';'/);
    (() => csv({}, "id\ta")).should.throw(/--delimiter tab/);
    (() => csv({}, "id;a;b, c")).should.throw(/"id;a;b".*--delimiter ';'/);
    should(csv({ isDelimiterSure: true }, "id;a", "1").map(told)).match([
      { body: { "id;a": "1" } },
    ]);
    should(csv({}, "id", "1").map(told)).match([{ body: { id: "1" } }]);
  });

  it("skips a spreadsheet's line with the delimiter", () => {
    const rows = csv({ delimiter: ";" }, "sep=;", "_id;a", "x;1");
    should(rows.map(told)).eql([{ id: "x", _id: "x", body: { a: "1" } }]);
  });

  it("stops at a header that has ids alone, which would empty each document", () => {
    (() => csv({}, "_id", "x")).should.throw(/empty.*--force/);
    should(csv({ mayBeEmpty: true }, "_id", "x").map(told)).match([
      { id: "x", body: {} },
    ]);
  });

  it("reports what is wrong with a header", () => {
    const header =
      (text: string, rules = {}) =>
      () =>
        csv(rules, text);
    header("a,,c").should.throw(/column 2 has none/);
    header("a,b,a").should.throw(/a\./);
    header("a,b", { idField: "k" }).should.throw(/no column k\. It has: a, b/);
    header("a", { types: new Map([["n", "number"]]) }).should.throw(/column n/);
  });
});
