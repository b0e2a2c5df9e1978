import { parse } from "csv-parse/sync";
import fc from "fast-check";
import should from "should";

import { ArraySplitter } from "../../../../bin/input/ArraySplitter";
import { CsvSplitter } from "../../../../bin/input/CsvSplitter";
import { LineSplitter } from "../../../../bin/input/LineSplitter";
import {
  InputBrokenOff,
  type RawRow,
  type Splitter,
} from "../../../../bin/input/rawRow";

const MAX = 200;

const SPLITTERS: Record<string, () => Splitter> = {
  LineSplitter: () => new LineSplitter(MAX),
  ArraySplitter: () => new ArraySplitter(MAX),
  CsvSplitter: () => new CsvSplitter(",".charCodeAt(0), MAX),
};

/** The rows of a text that arrives in pieces of these sizes, repeatedly. */
function split(
  splitter: Splitter,
  text: string | Buffer,
  sizes: readonly number[] = [1 << 20],
): RawRow[] {
  const bytes = Buffer.from(text);
  const rows: RawRow[] = [];
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    rows.push(...splitter.push(bytes.subarray(from, from + size)));
    from += size;
  }
  return [...rows, ...splitter.end()];
}

/** The rows of a text, up to where it cannot be read any further. */
function splitAsFar(...args: Parameters<typeof split>): RawRow[] {
  const [splitter, text, sizes = [1 << 20]] = args;
  const rows: RawRow[] = [];
  const recorded: Splitter = {
    push: (bytes) => {
      const some = splitter.push(bytes);
      rows.push(...some);
      return some;
    },
    end: () => {
      const some = splitter.end();
      rows.push(...some);
      return some;
    },
  };
  try {
    split(recorded, text, sizes);
  } catch (error) {
    if (!(error instanceof InputBrokenOff)) throw error;
  }
  return rows;
}

const asText = ({ row, line, start, end, bytes, error }: RawRow) => ({
  row,
  line,
  start,
  end,
  text: bytes.toString(),
  defect: error?.reason,
});

const lines = (rows: readonly RawRow[]) =>
  rows.map(({ line, bytes, error }) => [
    line,
    error ? `(${error.code}) ${bytes.toString()}` : bytes.toString(),
  ]);

/** Texts with many of the characters that matter to splitters. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['"', "\\", ",", "{", "}", "[", "]", "\n", "\r\n", ":", " ", "\0"],
        ...["é", "😀", '{"a":1}', '{"a":{"b":[1,2]}},\n', '"x"', "a,b\n"],
      ),
      fc.constant("y".repeat(90)),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

describe("splitters", () => {
  for (const [name, make] of Object.entries(SPLITTERS)) {
    const prefix = name === "ArraySplitter" ? "[" : "";

    it(`${name}: the rows are the same wherever the input is cut`, () => {
      fc.assert(
        fc.property(
          hostileText,
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
          (text, sizes) => {
            const whole = splitAsFar(make(), prefix + text).map(asText);
            const cut = splitAsFar(make(), prefix + text, sizes).map(asText);
            should(cut).eql(whole);
          },
        ),
        { numRuns: 500 },
      );
    });

    it(`${name}: rows are numbered, do not overlap, and tell their lines`, () => {
      fc.assert(
        fc.property(hostileText, (text) => {
          const all = prefix + text;
          const rows = splitAsFar(make(), all);
          rows.forEach(({ row, line, start, end }, i) => {
            should(row).equal(i + 1);
            should(start).be.aboveOrEqual(rows[i - 1]?.end ?? 0);
            should(end).be.aboveOrEqual(start);
            should(end).be.belowOrEqual(Buffer.byteLength(all));
            const before = Buffer.from(all).subarray(0, start).toString();
            should(line).equal(before.split("\n").length);
          });
        }),
        { numRuns: 500 },
      );
    });
  }

  describe("LineSplitter", () => {
    it("skips blank lines, and accepts CR LF as a line break", () => {
      const rows = split(new LineSplitter(MAX), '{"a":1}\r\n\n \t\n{"b":2}');
      should(lines(rows)).eql([
        [1, '{"a":1}'],
        [4, '{"b":2}'],
      ]);
    });

    it("does not keep a line that is too long, but reports it", () => {
      const long = "x".repeat(MAX + 1);
      const rows = split(new LineSplitter(MAX), `1\n${long}\n3`, [7]);
      should(lines(rows)).eql([
        [1, "1"],
        [2, "(too_large) "],
        [3, "3"],
      ]);
      should(rows[1]?.error?.reason).match(/201 bytes/);
    });
  });

  describe("ArraySplitter", () => {
    const elements = (text: string) =>
      lines(split(new ArraySplitter(MAX), text));

    it("finds the elements, whatever they are", () => {
      const text =
        ' [ {"a":"}]\\"[{"} , [1,[2]],\n "x,]", 3,true ,\n{\n"b":1 } ]\n';
      should(elements(text)).eql([
        [1, '{"a":"}]\\"[{"}'],
        [1, "[1,[2]]"],
        [2, '"x,]"'],
        [2, "3"],
        [2, "true"],
        [3, '{\n"b":1 }'],
      ]);
      should(elements("[]")).eql([]);
      should(elements("[ ]\n")).eql([]);
    });

    it("gives what JSON.parse gives, for arrays that are sound", () => {
      fc.assert(
        fc.property(
          fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }),
          fc.constantFrom(0, 2),
          (values, indent) => {
            const big = new ArraySplitter(1 << 20);
            const rows = split(big, JSON.stringify(values, null, indent), [5]);
            should(
              rows.map(({ bytes }) => JSON.parse(bytes.toString()) as unknown),
            ).eql(JSON.parse(JSON.stringify(values)));
          },
        ),
      );
    });

    for (const [what, text, line, reason] of [
      [
        "a quote that is missing",
        '[\n{"a":1},\n{"a":"x},\n{"a":3}]',
        3,
        "quote",
      ],
      ["a bracket that is missing", '[{"a":1},\n{"a":[1}]', 2, "bracket"],
      ["a bracket too many", '[{"a":1},\n{"a":1}},{"a":2}]', 2, "bracket"],
      ["an array that does not end", '[{"a":1},\n', 2, "input ends"],
      ["an element that does not end", '[{"a":1},\n{"a"', 2, "input ends"],
      ["text after the array", '[{"a":1}]\n{"a":2}', 2, "text after"],
    ] as const) {
      it(`returns the rows before ${what}, and then names its line`, () => {
        for (const size of [1, 7, 1_000]) {
          const splitter = new ArraySplitter(MAX);
          const rows: RawRow[] = [];
          (() => {
            for (let at = 0; at < text.length; at += size) {
              const part = Buffer.from(text.slice(at, at + size));
              rows.push(...splitter.push(part));
            }
            splitter.end();
          }).should.throw(new RegExp(`line ${line}: .*${reason}`));
          should(lines(rows)).eql([[rows[0]?.line, '{"a":1}']]);
        }
      });
    }

    it("reports an input that is not an array", () => {
      (() => elements('{"a":1}')).should.throw(/not a JSON array/);
    });

    it("does not keep an element that is too long", () => {
      const long = JSON.stringify("x".repeat(MAX));
      should(elements(`[1,${long},3]`)).eql([
        [1, "1"],
        [1, "(too_large) "],
        [1, "3"],
      ]);
    });
  });

  describe("CsvSplitter", () => {
    const records = (text: string) =>
      lines(split(new CsvSplitter(",".charCodeAt(0), MAX), text));

    it("lets a quoted field go on over lines", () => {
      should(records('a,"b\n""c"",d"\r\n\r\n1,2\n')).eql([
        [1, 'a,"b\n""c"",d"'],
        [4, "1,2"],
      ]);
    });

    it("affects no other row when a quote is not closed", () => {
      should(records('1,a\n2,"b\n3,c\n4,"d"\n5,e\n')).eql([
        [1, "1,a"],
        [2, '(invalid) 2,"b'],
        [3, "3,c"],
        [4, '4,"d"'],
        [5, "5,e"],
      ]);
      should(records('1,"a\n2,b')).eql([
        [1, '(invalid) 1,"a'],
        [2, "2,b"],
      ]);
    });

    // why records are split here and not by csv-parse, which could report their text and
    // their ends
    describe("compared with csv-parse's raw, info and skip_records_with_error", () => {
      const alone = (text: string | Buffer): string[] =>
        parse(text, { raw: true, info: true, skip_records_with_error: true })
          // the types do not include what `raw` adds
          .map((each) => (each as unknown as { raw: string }).raw);

      for (const { title, text, kept } of [
        {
          title: "text after a closing quote",
          text: '1,"a"b\n2,c\n3,d\n',
          kept: [],
        },
        {
          title: "a quote that is not closed",
          text: '1,a\n2,"b\n3,c\n4,"d"\n5,e\n',
          kept: ["1,a\n", "5,e\n"],
        },
        {
          title: "a quote that is not closed before the end",
          text: '1,a\n2,"b\n3,c\n',
          kept: ["1,a\n"],
        },
      ]) {
        it(`${title} costs one row, and not all up to the next quote`, () => {
          should(alone(text)).eql(kept);
          const rows = records(text);
          should(rows.map(([line]) => line)).eql(
            text
              .trim()
              .split("\n")
              .map((_, i) => i + 1),
          );
          should(
            rows.filter((row) => String(row[1]).startsWith("(")),
          ).have.length(1);
        });
      }

      it("keeps the bytes of a row that is not UTF-8", () => {
        const text = Buffer.from("1,\xff\n", "latin1");
        should(alone(text)).eql(["1,\ufffd\n"]);
        const splitter = new CsvSplitter(",".charCodeAt(0), MAX);
        const [row] = [...splitter.push(text), ...splitter.end()];
        should(row?.bytes).eql(text.subarray(0, -1));
      });
    });

    it("considers a record broken if text follows a closing quote", () => {
      should(records('1,"a"b\n2,c\n')).eql([
        [1, '(invalid) 1,"a"b'],
        [2, "2,c"],
      ]);
    });

    it("keeps a quote in a field that does not start with one", () => {
      should(records('1,5" disk\n2,x')).eql([
        [1, '1,5" disk'],
        [2, "2,x"],
      ]);
    });

    it("does not look for the end of a quoted field for ever", () => {
      const long = `${"x\n".repeat(MAX)}`;
      const rows = records(`1,"${long}2,b`);
      should(rows[0]).eql([1, '(invalid) 1,"x']);
      should(rows.at(-1)).eql([MAX + 1, "2,b"]);
    });
  });
});
