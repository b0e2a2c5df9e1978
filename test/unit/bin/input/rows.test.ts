import { parse } from "csv-parse/sync";
import should from "should";

import type { CellType } from "../../../../bin/input/cells";
import { CsvRows } from "../../../../bin/input/CsvRows";
import { JsonRows } from "../../../../bin/input/JsonRows";
import type { RawRow } from "../../../../bin/input/rawRow";
import { rejectLine, type Row } from "../../../../bin/input/rows";

const raws = (...texts: Array<string | Buffer>): RawRow[] =>
  texts.map((text, i) => ({
    row: i + 1,
    line: i + 1,
    start: i,
    end: i + 1,
    bytes: Buffer.from(text as string),
  }));

const RULES = {
  idField: undefined,
  newId: (row: number) => `new-${row}`,
  maxDocumentBytes: 1_000,
};

/** What is sent of a row, parsed, or why nothing is. */
function told(row: Row): unknown {
  if (row.kind === "rejected") return [row.reject.code, row.reject.reason];
  const { _id, json } = JSON.parse(row.wire.toString());
  return { id: row.id, _id, body: JSON.parse(json) };
}

/** The texts that are sent. */
const textsOf = (rows: Row[]): unknown[] =>
  rows.map((row) =>
    row.kind === "document"
      ? JSON.parse(row.wire.toString()).json
      : row.reject.reason,
  );

function rejectOf(row: Row | undefined): string {
  should(row?.kind).equal("rejected");
  const { members, reject } = row as Extract<Row, { kind: "rejected" }>;
  return rejectLine(members, reject);
}

describe("rows of JSON", () => {
  const parseWith = (rules: object, bare: boolean, texts: string[]) =>
    new JsonRows({ ...RULES, ...rules }, bare).parse(raws(...texts));
  const envelopes = (...texts: string[]) => parseWith({}, false, texts);
  const bare = (idField: string | undefined, ...texts: string[]) =>
    parseWith({ idField }, true, texts);

  it("[R13] sends each document as its own text, in each form of a row", () => {
    const text =
      '{"b": 1.0,"1":-0.0,"n":1306415010221662247,"p":1.10,"":"\\/"}';
    const [row] = envelopes(`{"body" : ${text}, "_id":"x"}`);
    should(row).containEql({ kind: "document", id: "x", isIdNew: false });
    should(
      textsOf([
        row as Row,
        ...envelopes(
          `{"_id":1,"_source":${text},"_version":3}`,
          `{"type":"document","document":{"_id":"x","_source":${text}}}`,
          `{"_id":null,"body":${text}}`,
          JSON.stringify({ _id: "x", json: ` ${text} ` }),
        ),
        ...bare(undefined, text),
        ...bare("n", ` ${text} `),
      ]),
    ).eql(Array.from({ length: 7 }, () => text));
    should(textsOf(bare(undefined, '{"a":1.0, "_id":"x","b":2 }'))).eql([
      '{"a":1.0,"b":2}',
    ]);
  });

  it("[R13] leaves out the white space of a document that spans lines", () => {
    should(textsOf(bare(undefined, '{\n  "a b": [1.0,\r\n "x\\" y"]\n}'))).eql([
      '{"a b":[1.0,"x\\" y"]}',
    ]);
  });

  it("[R13] sends a document that is too large as text as a body, unless that changes it", () => {
    const quotes = '"",'.repeat(220);
    const sent = (value: string): unknown => {
      const [row] = envelopes(`{"_id":"x","body":{"a": [${quotes}${value}]}}`);
      return row?.kind === "document"
        ? JSON.parse(row.wire.toString()).body.a.length
        : row?.reject.code;
    };
    should(sent("1")).equal(221);
    should(sent("1.0")).equal("too_large");
  });

  it("[R13] takes whole numbers of any size for ids, and no other spelling of one", () => {
    const ids = bare(
      "n",
      ...["9007199254740993", "9007199254740992", "-1", "0"].map(
        (n) => `{"n":${n}}`,
      ),
    );
    should(ids.map((row) => (row.kind === "document" ? row.id : ""))).eql([
      ...["9007199254740993", "9007199254740992", "-1", "0"],
    ]);
    for (const n of ["1.5", "1e3", "-0", "1.0"]) {
      should(told(bare("n", `{"n":${n}}`)[0] as Row)).eql([
        "invalid",
        `n must be a non-empty string, or a whole number in plain digits: ${n}`,
      ]);
    }
    should(told(bare("n", '{"n":true}')[0] as Row)).eql([
      "invalid",
      "n must be a non-empty string.",
    ]);
  });

  it("refuses a name that comes twice, which an engine would refuse", () => {
    for (const text of [
      '{"_id":"x","_id":"y","body":{}}',
      '{"_id":"x","body":{"a":1,"\\u0061":2}}',
    ]) {
      should((told(envelopes(text)[0] as Row) as string[])[1]).match(/twice/);
    }
  });

  it("keeps the text of a row that is rejected, on one line", () => {
    const [row] = parseWith({ maxDocumentBytes: 40 }, false, [
      '{"_id":"x",\n"body":{"a":\n1.0,"b":"yyyyyyyyyyyyyyy"}}',
    ]);
    should(rejectOf(row)).match(
      /^\{"_id":"x","body":\{"a":1.0,"b":"y+"\},"reject":/,
    );
  });

  it("gives a row without an id one, by its number", () => {
    should(
      envelopes('{"body":{}}', '{"_id":null,"body":{"a":1}}', "{}").map(told),
    ).containDeepOrdered([
      { id: "new-1", _id: "new-1", body: {} },
      { id: "new-2", _id: "new-2", body: { a: 1 } },
    ]);
    const update = parseWith({ newId: undefined }, false, ['{"body":{}}']);
    should(told(update[0] as Row)).eql([
      "invalid",
      "_id must be a non-empty string.",
    ]);
  });

  it("takes documents as Kuzzle answers them", () => {
    const text = JSON.stringify({
      ...{ _id: "x", index: "i", collection: "c", _source: { a: 1 } },
      ...{ _version: 3, _seq_no: 1, _primary_term: 1 },
    });
    should(envelopes(text).map(told)).eql([
      { id: "x", _id: "x", body: { a: 1 } },
    ]);
  });

  it("takes bare documents, with the id in a field of theirs", () => {
    should(
      bare("n", '{"n":"x","a":1}', '{"n":7}', '{"n":1.5}', '{"a":1}').map(told),
    ).eql([
      { id: "x", _id: "x", body: { n: "x", a: 1 } },
      { id: "7", _id: "7", body: { n: 7 } },
      [
        "invalid",
        "n must be a non-empty string, or a whole number in plain digits: 1.5",
      ],
      ["invalid", "The document has no n."],
    ]);
    should(bare(undefined, '{"_id":"x","body":1}', '{"a":1}').map(told)).eql([
      { id: "x", _id: "x", body: { body: 1 } },
      { id: "new-2", _id: "new-2", body: { a: 1 } },
    ]);
  });

  it("takes whole numbers for ids, in each form of a row", () => {
    should(told(envelopes('{"_id":42,"body":{"a":1}}')[0] as Row)).eql({
      ...{ id: "42", _id: "42", body: { a: 1 } },
    });
    should(told(bare(undefined, '{"_id":42,"a":1}')[0] as Row)).eql({
      ...{ id: "42", _id: "42", body: { a: 1 } },
    });
  });

  it("takes what Kuzzle, kourou, this plugin and elasticdump write", () => {
    should(
      envelopes(
        '{"type":"collection","index":"i","collection":"c"}',
        '{"_id":"a","body":{"n":1}}',
        '{"_index":"i","_type":"_doc","_id":"b","_score":1,"_source":{"n":2}}',
        '{"_id":"c","_source":{"n":3},"_version":1,"created":true,"position":0}',
        '{"type":"document","document":{"_id":"d","index":"i","collection":"c","_source":{"n":4}}}',
      ).map(told),
    ).match([
      { id: "a", body: { n: 1 } },
      { id: "b", body: { n: 2 } },
      { id: "c", body: { n: 3 } },
      { id: "d", body: { n: 4 } },
    ]);
  });

  it("stops at a GeoJSON collection unless told to go on", () => {
    const text = '{"type":"FeatureCollection","features":[{},{}]}';
    (() => bare(undefined, text)).should.throw(/2 features.*--path features/);
    const [row] = new JsonRows(RULES, true, true).parse(raws(text));
    should(told(row as Row)).match({ id: "new-1" });
  });

  it("rejects a duplicate that is fed back as it is", () => {
    const line = (id: string) =>
      `{"_id":"${id}","body":{"a":2},"reject":{"line":2,"row":2,"code":"duplicate","reason":"twice","id":"x"}}`;
    should(envelopes(line("x")).map(told)).match([{ 0: "duplicate" }]);
    should(envelopes(line("y")).map(told)).match([{ id: "y" }]);
    should(rejectOf(envelopes(line("x"))[0])).match(/"id":"x"/);
  });

  it("refuses what is none, and says why", () => {
    const reasons = envelopes(
      ...["{", "[]", "null", '"x"', '{"_id":5.5,"body":{}}', '{"body":[]}'],
      ...['{"_id":"","body":{}}', `{"_id":"${"é".repeat(257)}","body":{}}`],
      ...['{"a":1}', '{"_id":"x","body":{},"ifAbsent":true}'],
      `{"body":{"a":"${"x".repeat(1_000)}"}}`,
    ).map(told) as string[][];
    should(reasons.map(([code]) => code)).eql([
      ...Array.from({ length: 10 }, () => "invalid"),
      "too_large",
    ]);
    should(reasons[7]?.[1]).match(/more than 512 bytes/);
    should(reasons[8]?.[1]).match(/--bare/);
    should(reasons[9]?.[1]).match(/ifAbsent/);
    should(reasons[10]?.[1]).match(/1032 bytes.*1000/);
  });

  it("refuses what is nested more deeply than can be written", () => {
    const deep = `{"a":${'{"a":'.repeat(50_000)}1${"}".repeat(50_001)}`;
    for (const text of [
      `{"_id":"x","_source":${deep}}`,
      `{"_id":5,"body":${deep}}`,
    ]) {
      const [row] = parseWith({ maxDocumentBytes: 1e6 }, false, [text]);
      should(told(row as Row)).eql([
        "invalid",
        "The row is invalid: more than 1000 levels deep.",
      ]);
      should(JSON.parse(rejectOf(row)).raw).equal(text);
    }
  });

  it("refuses bytes that are no UTF-8, and keeps them", () => {
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const [row] = new JsonRows(RULES, false).parse(raws(bytes));
    should(JSON.parse(rejectOf(row))).containEql({
      rawBase64: bytes.toString("base64"),
    });
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

  it("refuses what was too long to be kept each time, and knows its first line", () => {
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
});

describe("rows of CSV", () => {
  const csv = (rules: object, ...texts: Array<string | Buffer>) =>
    new CsvRows(
      {
        ...RULES,
        delimiter: ",",
        isDelimiterSure: false,
        isNested: false,
        types: new Map<string, CellType>(),
        ...rules,
      },
      parse,
    ).parse(raws(...texts));

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
      ["invalid", "n is not a decimal number that a double can hold: x"],
      ["invalid", "b is not a boolean: yes"],
      ["invalid", "j is not JSON: {"],
      ["invalid", "i is not an integer of 64 bits: 1.5"],
      ["invalid", "d is not a date: x"],
    ]);
  });

  it("[R13] keeps the digits of a number, and refuses what a number cannot hold", () => {
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

  it("refuses records that are none, and goes on", () => {
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

  it("gives a column of any name to a document of its own", () => {
    should(told(csv({}, "_id,__proto__,constructor", "x,a,b")[0] as Row)).eql({
      ...{ id: "x", _id: "x" },
      body: JSON.parse('{"__proto__":"a","constructor":"b"}'),
    });
  });

  it("stops at a header that seems to have another delimiter", () => {
    (() => csv({}, "id;a", "1;2")).should.throw(/"id;a".*--delimiter ';'/);
    (() => csv({}, "id\ta")).should.throw(/--delimiter tab/);
    should(csv({ isDelimiterSure: true }, "id;a", "1").map(told)).match([
      { body: { "id;a": "1" } },
    ]);
    should(csv({}, "id", "1").map(told)).match([{ body: { id: "1" } }]);
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
      "n is not a decimal number that a double can hold: x",
    ]);
    should(again(line.replace("a,x", "a,7"))).match({
      _id: "a",
      body: { n: 7 },
    });
  });

  it("says what is wrong with a header", () => {
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
