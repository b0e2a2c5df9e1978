import should from "should";

import { JsonRows } from "../../../../bin/input/JsonRows";
import type { Row } from "../../../../bin/input/rows";
import {
  bare,
  envelopes,
  parseWith,
  raws,
  rejectOf,
  RULES,
  textsOf,
  told,
} from "./rowsSupport";

describe("rows of JSON", () => {
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

  it("[R13] accepts integers of any size as ids, and no other spelling of them", () => {
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

  it("rejects a name that comes twice, which an engine would reject", () => {
    for (const text of [
      '{"_id":"x","_id":"y","body":{}}',
      '{"_id":"x","body":{"a":1,"\\u0061":2}}',
    ]) {
      should((told(envelopes(text)[0] as Row) as string[])[1]).match(/twice/);
    }
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

  it("accepts documents in the form that Kuzzle returns", () => {
    const text = JSON.stringify({
      ...{ _id: "x", index: "i", collection: "c", _source: { a: 1 } },
      ...{ _version: 3, _seq_no: 1, _primary_term: 1 },
    });
    should(envelopes(text).map(told)).eql([
      { id: "x", _id: "x", body: { a: 1 } },
    ]);
  });

  it("accepts bare documents, with the id in one of their fields", () => {
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

  it("accepts integers as ids, in each form of a row", () => {
    should(told(envelopes('{"_id":42,"body":{"a":1}}')[0] as Row)).eql({
      ...{ id: "42", _id: "42", body: { a: 1 } },
    });
    should(told(bare(undefined, '{"_id":42,"a":1}')[0] as Row)).eql({
      ...{ id: "42", _id: "42", body: { a: 1 } },
    });
  });

  it("accepts what Kuzzle, kourou, this plugin and elasticdump write", () => {
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

  it("takes ids from nested objects, and MongoDB's own as mongoexport writes them", () => {
    const place = (code: string) =>
      `{"type":"Feature","properties":{"code":${code},"a.b":{"c":"z"}}}`;
    should(bare("properties.code", place('"x"'), place("7")).map(told)).match([
      { id: "x", body: { type: "Feature" } },
      { id: "7" },
    ]);
    should(bare("properties.a.b.c", place("1")).map(told)).match([{ id: "z" }]);
    should(bare("properties.none", place("1")).map(told)).eql([
      ["invalid", "The document has no properties.none."],
    ]);
    const oid = '{"_id":{"$oid":"507f1f77bcf86cd799439011"},"a":{"$date":"x"}}';
    for (const idField of [undefined, "_id", "_id.$oid"]) {
      should(bare(idField, oid).map(told)).eql([
        {
          id: "507f1f77bcf86cd799439011",
          _id: "507f1f77bcf86cd799439011",
          body: { a: { $date: "x" } },
        },
      ]);
    }
  });

  it("stops at lines of Elasticsearch's bulk format unless forced", () => {
    for (const text of ['{"index":{"_id":"1"}}', '{"create":{}}']) {
      (() => bare(undefined, text)).should.throw(/bulk format.*--force/);
      (() => envelopes(text)).should.throw(/bulk format/);
    }
    const [row] = new JsonRows(RULES, true, true).parse(raws('{"index":{}}'));
    should(told(row as Row)).match({ id: "new-1" });
    should(bare(undefined, '{"a":1}', '{"index":{}}').map(told)).match([
      { id: "new-1" },
      { id: "new-2" },
    ]);
  });

  it("stops at a GeoJSON collection unless forced", () => {
    const text = '{"type":"FeatureCollection","features":[{},{}]}';
    (() => bare(undefined, text)).should.throw(/2 features.*--path features/);
    const [row] = new JsonRows(RULES, true, true).parse(raws(text));
    should(told(row as Row)).match({ id: "new-1" });
  });

  it("rejects invalid rows, and says why", () => {
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

  it("rejects rows that are nested too deeply to be written", () => {
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

  it("rejects bytes that are no UTF-8, and keeps them", () => {
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const [row] = new JsonRows(RULES, false).parse(raws(bytes));
    should(JSON.parse(rejectOf(row))).containEql({
      rawBase64: bytes.toString("base64"),
    });
  });

  it("accepts an _id alone if only fields are removed", () => {
    const rules = { mayLackBody: true, newId: undefined };
    const told = textsOf(
      parseWith(rules, false, ['{"_id":"x"}', '{"_id":7,"_version":1}']),
    );
    should(told).eql(["{}", "{}"]);
    for (const text of ['{"a":1}', '{"_id":"x","a":1}']) {
      should(parseWith(rules, false, [text])[0]).match({ kind: "rejected" });
    }
  });
});
