import { parse } from "csv-parse/sync";
import should from "should";

import type { CellType } from "../../../../bin/input/cells";
import { CsvRows } from "../../../../bin/input/CsvRows";
import { JsonRows } from "../../../../bin/input/JsonRows";
import type { Row } from "../../../../bin/input/rows";
import {
  csv,
  envelopes,
  parseWith,
  raws,
  rejectOf,
  RULES,
  told,
} from "./rowsSupport";

describe("rows of a rejects file", () => {
  it("keeps the text of a row that is rejected, on one line", () => {
    const [row] = parseWith({ maxDocumentBytes: 40 }, false, [
      '{"_id":"x",\n"body":{"a":\n1.0,"b":"yyyyyyyyyyyyyyy"}}',
    ]);
    should(rejectOf(row)).match(
      /^\{"_id":"x","body":\{"a":1.0,"b":"y+"\},"reject":/,
    );
  });

  it("rejects a duplicate that is fed back as it is", () => {
    const line = (id: string) =>
      `{"_id":"${id}","body":{"a":2},"reject":{"line":2,"row":2,"code":"duplicate","reason":"twice","id":"x"}}`;
    should(envelopes(line("x")).map(told)).match([{ 0: "duplicate" }]);
    should(envelopes(line("y")).map(told)).match([{ id: "y" }]);
    should(rejectOf(envelopes(line("x"))[0])).match(/"id":"x"/);
  });

  for (const isBare of [false, true]) {
    it(`takes rejected rows again, and once repaired, for documents${isBare ? " (--bare)" : ""}`, () => {
      const refuse = (text: string) =>
        rejectOf(parseWith({ idField: undefined }, false, [text])[0]);
      const again = (line: string) =>
        told(parseWith({}, isBare, [line])[0] as Row);

      const broken = refuse('{"_id":"x","body":{');
      should(again(broken)).match({ 0: "invalid", 1: /^The row is invalid/ });
      const repaired = JSON.parse(broken);
      repaired.raw = isBare ? '{"_id":"x"}' : '{"_id":"x","body":{}}';
      should(again(JSON.stringify(repaired))).eql({
        ...{ id: "x", _id: "x", body: {} },
      });

      const noId = refuse('{"_id":5.5,"body":{"a":1}}');
      should(again(noId)).match({
        0: "invalid",
        1: /^_id .*plain digits: 5.5/,
      });
      should(again(noId.replace('"_id":5.5', '"_id":"5"'))).eql({
        ...{ id: "5", _id: "5", body: { a: 1 } },
      });

      const large = refuse(`{"_id":"x","body":{"a":"${"x".repeat(2_000)}"}}`);
      should(again(large)).match({ 0: "too_large" });
      should(again(large.replace(/x{2000}/, "y"))).eql({
        ...{ id: "x", _id: "x", body: { a: "y" } },
      });
    });
  }

  it("always rejects rows that were too long to be kept, and recognizes its first line", () => {
    const lost =
      '{"reject":{"line":7,"row":7,"code":"too_large","reason":"long"}}';
    const once = rejectOf(envelopes("{", lost)[1]);
    const twice = rejectOf(envelopes(once)[0]);
    for (const line of [once, twice]) {
      should(JSON.parse(line)).match({
        first: { line: 7, code: "too_large" },
        reject: { code: "invalid" },
      });
    }
    should(JSON.parse(twice).reject.line).equal(1);
  });

  it("reads a rejected row again with the types of its column", () => {
    const types = new Map<string, CellType>([["n", "number"]]);
    const [row] = csv({ types }, "_id,n", "a,x");
    const line = rejectOf(row);
    const text = new CsvRows(
      {
        ...RULES,
        delimiter: ",",
        isDelimiterSure: true,
        mayBeEmpty: false,
        isNested: false,
        types,
      },
      parse,
      ["_id", "n"],
    );
    const again = (each: string) =>
      told(new JsonRows(RULES, false, false, text).parse(raws(each))[0] as Row);
    should(again(line)).eql([
      "invalid",
      "n is not a decimal number in the range of a double: x",
    ]);
    should(again(line.replace("a,x", "a,7"))).match({
      _id: "a",
      body: { n: 7 },
    });
  });
});
