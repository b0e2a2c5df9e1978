import { isUtf8 } from "node:buffer";

import type { parse } from "csv-parse/sync";

import { cellJson, type CellType, describeType } from "./cells";
import { assertPathsFit, flatJson, nestedJson } from "./nested";
import { shownDelimiter } from "./lookalike";
import { InputError, type RowError, type RawRow } from "./rawRow";
import {
  documentRow,
  type DocumentRules,
  idError,
  rawMembers,
  rejected,
  type Row,
  type RowFormat,
} from "./rows";

export interface CsvRules extends DocumentRules {
  readonly delimiter: string;
  /** false: a header with another delimiter in a name is suspicious */
  readonly isDelimiterSure: boolean;
  /** false: a header without fields is suspicious */
  readonly mayBeEmpty: boolean;
  /** types of columns that are not strings */
  readonly types: ReadonlyMap<string, CellType>;
  /** whether a column `a.b` is the field b of an object a */
  readonly isNested: boolean;
}

const OTHER_DELIMITERS = /[,;\t|]/;

/** Spreadsheets write the delimiter on a line above the header. */
export const DELIMITER_LINE = /^sep=([,;\t|])(?:[\r\n]|$)/;

const NOT_UTF8 = "The row is not UTF-8.";
const NOT_READ: RowError = { code: "invalid", reason: "The row is not CSV." };

/**
 * Records of CSV; the first one has the names of the fields. A cell is a string unless
 * its column has another type, and an empty cell is a missing field.
 */
export class CsvRows implements RowFormat {
  /** @param columns the columns of rows without a header */
  constructor(
    private readonly rules: CsvRules,
    private readonly library: typeof parse,
    public columns?: readonly string[],
  ) {}

  /** @throws InputError for an invalid header */
  parse(rows: readonly RawRow[]): Row[] {
    const [header, ...others] = rows;
    if (header === undefined) return [];
    if (this.columns === undefined) {
      if (DELIMITER_LINE.test(header.bytes.toString("latin1", 0, 8))) {
        return this.parse(others);
      }
      this.columns = this.readHeader(header);
      return this.parse(others);
    }
    const columns = this.columns;
    const sound = rows.filter((raw) => errorOf(raw) === undefined);
    const cells = new Map(
      this.read(sound).map((record, i) => [sound[i], record]),
    );
    return rows.map((raw) => this.toRow(raw, cells.get(raw), columns));
  }

  private readHeader(raw: RawRow): string[] {
    const error = errorOf(raw);
    if (error !== undefined) {
      throw new InputError(`The header cannot be read: ${error.reason}`);
    }
    const columns = this.read([raw])[0] as string[];
    const names = columns.map((name) => name.trim());
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (names.includes("") || twice !== undefined) {
      throw new InputError(
        `The columns of the header must have different names: ${twice || `column ${names.indexOf("") + 1} has none`}.`,
      );
    }
    this.assertDelimiter(names);
    if (this.rules.isNested) assertPathsFit(names);
    const { idField, types } = this.rules;
    for (const name of [...(idField ? [idField] : []), ...types.keys()]) {
      if (!names.includes(name)) {
        throw new InputError(
          `The header has no column ${name}. It has: ${names.join(", ")}.`,
        );
      }
    }
    if (!this.rules.mayBeEmpty && names.every((name) => name === "_id")) {
      throw new InputError(
        "The header has no column but _id: every document would be empty. (--force: this is intended.)",
      );
    }
    return names;
  }

  /** @throws InputError for a header that seems to use another delimiter */
  private assertDelimiter(names: readonly string[]): void {
    const { isDelimiterSure, delimiter } = this.rules;
    const name = names.find((each) => OTHER_DELIMITERS.test(each));
    if (isDelimiterSure || name === undefined) return;
    const [other = ""] = OTHER_DELIMITERS.exec(name) ?? [];
    throw new InputError(
      `The header has a column "${name}". Use --delimiter ${shownDelimiter(other)} if that separates the columns, or --delimiter ${shownDelimiter(delimiter)} if it is the name.`,
    );
  }

  /** One list of cells for each row. */
  private read(rows: readonly RawRow[]): string[][] {
    const records = this.readText(
      Buffer.concat(rows.flatMap(({ bytes }) => [bytes, Buffer.from("\n")])),
    );
    // never observed: the rows would not have been split as the library splits them
    return records.length === rows.length
      ? records
      : rows.map(({ bytes }) => this.readText(bytes).flat());
  }

  private readText(bytes: Buffer): string[][] {
    return this.library(bytes, {
      delimiter: this.rules.delimiter,
      record_delimiter: "\n",
      relax_column_count: true,
      relax_quotes: true,
    });
  }

  private toRow(
    raw: RawRow,
    cells: readonly string[] | undefined,
    columns: readonly string[],
  ): Row {
    const { bytes } = raw;
    const error = errorOf(raw);
    if (error !== undefined || cells === undefined) {
      const { code, reason } = error ?? NOT_READ;
      const members = rawMembers(bytes, isUtf8(bytes));
      return rejected(raw, code, reason, members);
    }
    if (cells.length !== columns.length) {
      return rejected(
        raw,
        "invalid",
        `The row has ${cells.length} fields, the header ${columns.length}.`,
        rawMembers(bytes, true),
      );
    }
    return this.toDocument(raw, cells, columns);
  }

  private toDocument(
    raw: RawRow,
    cells: readonly string[],
    columns: readonly string[],
  ): Row {
    const { idField = "_id", newId, types, maxDocumentBytes } = this.rules;
    const fields: Array<[path: string, json: string]> = [];
    let id: string | undefined;
    let problem: string | undefined;
    columns.forEach((name, i) => {
      const cell = cells[i] as string;
      if (name === idField && cell !== "") id = cell;
      if (cell === "" || name === "_id") return;
      const type = types.get(name) ?? "string";
      const value = cellJson(cell, type);
      if (value === undefined)
        problem ??= `${name} is not ${describeType(type)}: ${cell}`;
      else fields.push([name, value]);
    });
    const mayBeNew = idField === "_id" || this.rules.idField === undefined;
    const isIdNew =
      id === undefined && mayBeNew && this.rules.newId !== undefined;
    const _id = isIdNew ? newId?.(raw.row) : id;
    problem ??= idError(_id, idField);
    if (problem !== undefined) {
      return rejected(raw, "invalid", problem, rawMembers(raw.bytes, true));
    }
    const json = this.rules.isNested ? nestedJson(fields) : flatJson(fields);
    return documentRow(raw, _id as string, isIdNew, json, maxDocumentBytes);
  }
}

function errorOf({ bytes, error }: RawRow): RowError | undefined {
  if (error) return error;
  if (!isUtf8(bytes)) return { code: "invalid", reason: NOT_UTF8 };
  return bytes.includes(0)
    ? { code: "invalid", reason: "The row has a NUL byte." }
    : undefined;
}
