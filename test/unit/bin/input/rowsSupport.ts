import { parse } from "csv-parse/sync";
import should from "should";

import type { CellType } from "../../../../bin/input/cells";
import { CsvRows } from "../../../../bin/input/CsvRows";
import { JsonRows } from "../../../../bin/input/JsonRows";
import type { RawRow } from "../../../../bin/input/rawRow";
import { rejectLine, type Row } from "../../../../bin/input/rows";

export const raws = (...texts: Array<string | Buffer>): RawRow[] =>
  texts.map((text, i) => ({
    row: i + 1,
    line: i + 1,
    start: i,
    end: i + 1,
    bytes: Buffer.from(text as string),
  }));

export const RULES = {
  idField: undefined,
  newId: (row: number) => `new-${row}`,
  maxDocumentBytes: 1_000,
};

/** What is sent of a row, parsed, or the reason why nothing is. */
export function told(row: Row): unknown {
  if (row.kind === "rejected") return [row.reject.code, row.reject.reason];
  const { _id, json } = JSON.parse(row.wire.toString());
  return { id: row.id, _id, body: JSON.parse(json) };
}

/** The texts that are sent. */
export const textsOf = (rows: Row[]): unknown[] =>
  rows.map((row) =>
    row.kind === "document"
      ? JSON.parse(row.wire.toString()).json
      : row.reject.reason,
  );

export function rejectOf(row: Row | undefined): string {
  should(row?.kind).equal("rejected");
  const { members, reject } = row as Extract<Row, { kind: "rejected" }>;
  return rejectLine(members, reject);
}

/** Parsed JSON rows. @param isBare whether they are the documents themselves */
export const parseWith = (rules: object, isBare: boolean, texts: string[]) =>
  new JsonRows({ ...RULES, ...rules }, isBare).parse(raws(...texts));
export const envelopes = (...texts: string[]) => parseWith({}, false, texts);
export const bare = (idField: string | undefined, ...texts: string[]) =>
  parseWith({ idField }, true, texts);

/** Parsed CSV rows. */
export const csv = (rules: object, ...texts: Array<string | Buffer>) =>
  new CsvRows(
    {
      ...RULES,
      delimiter: ",",
      isDelimiterSure: false,
      mayBeEmpty: false,
      isNested: false,
      types: new Map<string, CellType>(),
      ...rules,
    },
    parse,
  ).parse(raws(...texts));
