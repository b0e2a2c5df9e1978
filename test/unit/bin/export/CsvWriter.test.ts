import { parse } from "csv-parse/sync";
import fc from "fast-check";
import should from "should";

import { CsvWriter } from "../../../../bin/export/CsvWriter";

const text = (writer: CsvWriter, ...sources: string[]) =>
  writer.begin() +
  sources.map((source, i) => writer.document({ id: `${i}`, source })).join("");

describe("CSV of documents", () => {
  it("has dotted columns, numbers as they are, lists as JSON", () => {
    const writer = new CsvWriter(["name", "at.lat", "at.box", "tags"], ",");
    should(
      text(
        writer,
        '{"name":"Rome, old","at":{"lat":1.10,"box":{"n":1}},"tags":["a"]}',
        '{"tags":null,"name":"say \\"hi\\"\\n"}',
        '{"at.lat":1306415010221662247}',
      ),
    ).equal(
      "_id,name,at.lat,at.box,tags\n" +
        '0,"Rome, old",1.10,"{""n"":1}","[""a""]"\n' +
        '1,"say ""hi""\n",,,\n' +
        "2,,1306415010221662247,,\n",
    );
    should([...writer.leftOut]).eql([]);
  });

  it("names fields that have no column", () => {
    const writer = new CsvWriter(["a.b"], ";");
    text(writer, '{"a":{"b":1,"c":2},"d":{"e":3}}');
    should([...writer.leftOut]).eql(["a.c", "d"]);
  });

  it("has Kuzzle's metadata on request, and does not report it as missing otherwise", () => {
    const source = '{"a":1,"_kuzzle_info":{"author":"ada","createdAt":1}}';
    const without = new CsvWriter(["a"], ",");
    should(text(without, source)).equal("_id,a\n0,1\n");
    should([...without.leftOut]).eql([]);
    const withAuthor = new CsvWriter(["_kuzzle_info.author"], ",");
    should(text(withAuthor, source)).equal("_id,_kuzzle_info.author\n0,ada\n");
  });

  it("is read again as it was written", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(",", ";", "\t"),
        (name, mark) => {
          const writer = new CsvWriter(["name"], mark);
          const csv = text(writer, JSON.stringify({ name }));
          should(parse(csv, { delimiter: mark, record_delimiter: "\n" })).eql([
            ["_id", "name"],
            ["0", name],
          ]);
        },
      ),
    );
  });
});
