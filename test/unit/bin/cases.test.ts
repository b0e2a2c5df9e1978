/** Files that an earlier version handled wrongly, with the correct result of each. */
import { readdirSync } from "node:fs";
import path from "node:path";

import should from "should";

import type { CellType } from "../../../bin/input/cells";
import { Fingerprint } from "../../../bin/input/Fingerprint";
import type { InputOptions } from "../../../bin/input/format";
import { RowReader } from "../../../bin/input/RowReader";
import type { Row } from "../../../bin/input/rows";

const FOLDER = path.join(__dirname, "../../fixtures/cases");

const OPTIONS: InputOptions = {
  format: "auto",
  bare: false,
  delimiter: undefined,
  types: new Map(),
  nested: false,
  force: false,
};

interface Case {
  readonly options?: Partial<InputOptions>;
  readonly idField?: string;
  /** of each row: its id and the text that is sent, or why it is rejected */
  readonly rows?: readonly (readonly [id: string, json: string] | RegExp)[];
  /** why nothing is sent */
  readonly stops?: RegExp;
}

const types = (of: Record<string, CellType>) => new Map(Object.entries(of));

const CASES: Record<string, readonly Case[]> = {
  "bigint.ndjson": [
    {
      rows: [
        ["big1", '{ "n": 1306415010221662247, "max": 9223372036854775807 }'],
        ["big2", '{ "n": 9007199254740993, "neg": -9223372036854775803 }'],
      ],
    },
  ],
  "bigid.ndjson": [
    {
      options: { bare: true },
      idField: "id",
      rows: [
        ["9007199254740993", '{ "id": 9007199254740993, "v": 1 }'],
        ["9007199254740992", '{ "id": 9007199254740992, "v": 2 }'],
        ["42", '{ "id": 42, "v": 3 }'],
        /^id must be .*plain digits: 1\.5$/,
        /plain digits: 1e3$/,
        /plain digits: -0$/,
        /plain digits: 1\.0$/,
      ],
    },
  ],
  "bigcsv.csv": [
    {
      options: { types: types({ n: "number", f: "number" }) },
      idField: "id",
      rows: [
        ["c1", '{"id":"c1","n":1306415010221662247,"f":1.10}'],
        /^f is not a decimal number in the range of a double: 1e400$/,
        /^n is not .*: 0x10$/,
        /^f is not .*: NaN$/,
        /^n is not .*: 1,234$/,
        ["c6", '{"id":"c6","n":7,"f":0.5}'],
      ],
    },
    {
      idField: "id",
      rows: [
        ["c1", '{"id":"c1","n":"1306415010221662247","f":"1.10"}'],
        ["c2", '{"id":"c2","n":"9007199254740993","f":"1e400"}'],
        ["c3", '{"id":"c3","n":"0x10","f":"Infinity"}'],
        ["c4", '{"id":"c4","n":" 12 ","f":"NaN"}'],
        ["c5", '{"id":"c5","n":"1,234","f":"1."}'],
        ["c6", '{"id":"c6","n":"007","f":".5"}'],
      ],
    },
  ],
  "clear.csv": [{ rows: [["m1", "{}"]] }],
  "dots2.csv": [
    {
      idField: "id",
      rows: [["dot2", '{"id":"dot2","addr.city":"Rome","addr.zip":"00100"}']],
    },
  ],
  "elasticdump.ndjson": [{ rows: [["e1", '{"a":1}']] }],
  "maccr.csv": [
    {
      idField: "name",
      rows: [
        ["cr1", '{"name":"cr1","a":"1"}'],
        ["cr2", '{"name":"cr2","a":"2"}'],
      ],
    },
  ],
  "native-export.jsonl": [
    {
      rows: [
        ["big3", '{"n":1306415010221662200}'],
        [
          "big4",
          '{"n":1306415010221662200,"f":1,"z":0,"other":1,"_kuzzle_info":{"updatedAt":1795746011191,"updater":"-1"}}',
        ],
        [
          "rb1",
          '{"n":1306415010221662200,"f":1,"z":0,"dup":1,"dup2":{"a":1.1}}',
        ],
      ],
    },
  ],
  "semi.csv": [
    { idField: "id", stops: /"id;a".*--delimiter ';'/ },
    {
      options: { delimiter: ";" },
      idField: "id",
      rows: [["sc1", '{"id":"sc1","a":"2"}']],
    },
  ],
  "types.csv": [
    {
      options: { types: types({ when: "date", flag: "boolean" }) },
      idField: "id",
      rows: [
        ["ty1", '{"id":"ty1","when":"2020-01-02","flag":true}'],
        /^when is not a date: x$/,
      ],
    },
  ],
};

async function read(name: string, { options, idField }: Case): Promise<Row[]> {
  const reader = await RowReader.open(
    path.join(FOLDER, name),
    { ...OPTIONS, ...options },
    { idField, newId: (row) => `new-${row}`, maxDocumentBytes: 10_000 },
    10_000,
    new AbortController().signal,
    new Fingerprint(10_000),
  );
  const rows: Row[] = [];
  for await (const batch of reader.batches()) rows.push(...batch);
  return rows;
}

describe("the file of a case", () => {
  it("is here for each case, and has one", () => {
    should(readdirSync(FOLDER).sort()).eql(Object.keys(CASES).sort());
  });

  for (const [name, cases] of Object.entries(CASES)) {
    for (const each of cases) {
      const how = each.idField ? ` --id-field ${each.idField}` : "";
      const typed = each.options?.types ? " --types" : "";
      it(`[R13] ${name}${how}${typed}${each.stops ? ", which stops" : ""}`, async () => {
        if (each.stops) {
          await read(name, each).should.be.rejectedWith(each.stops);
          return;
        }
        const rows = await read(name, each);
        const { rows: expected = [] } = each;
        should(rows).have.length(expected.length);
        rows.forEach((row, i) => {
          const wanted = expected[i];
          if (wanted instanceof RegExp) {
            should(row.kind).equal("rejected");
            should(row.kind === "rejected" && row.reject.reason).match(wanted);
          } else if (row.kind === "document") {
            const { json } = JSON.parse(row.wire.toString());
            should([row.id, json]).eql(wanted);
          } else should(row.reject.reason).be.undefined();
        });
      });
    }
  }
});
