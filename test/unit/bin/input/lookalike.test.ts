import should from "should";

import {
  csvOptions,
  otherFormat,
  pathOfObjects,
} from "../../../../bin/input/lookalike";

describe("what an input looks like", () => {
  it("is named if it is in none of the formats", () => {
    for (const [start, what] of [
      ["PK\x03\x04\x14\0", /workbook/],
      ["\xd0\xcf\x11\xe0\xa1", /Excel/],
      ["BZh91AY&SY", /bzip2/],
      ["\xfd7zXZ\0", /xz/],
      ["PAR1\x15\x04", /Parquet/],
      ["SQLite format 3\0", /SQLite/],
      ["\x10\0\0\0\x07_id\0", /mongoexport/],
      ['<?xml version="1.0"?>', /XML/],
      ["\n<html>", /HTML/],
    ] as const) {
      should(otherFormat(Buffer.from(start, "latin1"))).match(what);
    }
    for (const text of ['{"a":1}', "[1]", "a,b", "PAR1,b", "BZh9,b", ""]) {
      should(otherFormat(Buffer.from(text))).be.undefined();
    }
  });

  it("is CSV if its first line has delimiters", () => {
    const options = (text: string) => csvOptions(Buffer.from(text));
    should(options("a,b\n1;2;3")).equal("--format csv");
    should(options("a;b,c;d\r\n")).equal("--format csv --delimiter ';'");
    should(options("a\tb")).equal("--format csv --delimiter tab");
    should(options("a\nb,c")).be.undefined();
  });

  it("is an object around documents if it has a list of objects", () => {
    for (const [text, path] of [
      ['{"took":1,"hits":{"total":{"value":1},"hits":[{"_id":', "hits.hits"],
      ['{"status":200,"result":{"hits":[ {"_id":"a"}]}}', "result.hits"],
      ['{\n "bbox":[1,2], "features": [\n{', "features"],
      ['{"a\\"[{":1,"b":"[{","c":[[{}]],"d":[]}', undefined],
      ['{"a":[1,{"b":[{}]}],"c":[{}]}', "c"],
      ['[{"a":[{}]}]', undefined],
      ['{"a.b":[{}]}', undefined],
    ] as const) {
      should(pathOfObjects(text)).equal(path, text);
    }
  });
});
