import { plainName } from "../output/compression";
import { ArraySplitter } from "./ArraySplitter";
import type { CellType } from "./cells";
import { CsvRows, type CsvRules, DELIMITER_LINE } from "./CsvRows";
import { CsvSplitter } from "./CsvSplitter";
import { JsonRows } from "./JsonRows";
import { LineEnds } from "./LineEnds";
import { LineSplitter } from "./LineSplitter";
import { csvOptions, otherFormat, pathOfObjects } from "./lookalike";
import { InputError, type Splitter } from "./rawRow";
import { readRejectsHeader, type RejectsOrigin } from "./rejectsHeader";
import type { DocumentRules, RowFormat } from "./rows";

export const FORMATS = ["auto", "ndjson", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** How to read the input. */
export interface InputOptions {
  readonly format: Format;
  readonly bare: boolean;
  /** of CSV; undefined: a comma, or a tab in a file named .tsv */
  readonly delimiter: string | undefined;
  readonly types: ReadonlyMap<string, CellType>;
  /** of JSON: keys that lead to the array of documents, such as `result.documents` */
  readonly path?: string | undefined;
  /** of CSV: a column `a.b` is the field b of an object a */
  readonly nested: boolean;
  /** read the input even if an option seems to be missing */
  readonly force: boolean;
}

export interface Reading {
  readonly format: Exclude<Format, "auto">;
  readonly splitter: Splitter;
  readonly rows: RowFormat;
  /** how to read a row's text from a rejects file again */
  origin(): RejectsOrigin;
}

/**
 * @param first the first bytes of the input, which determine the format if neither the
 *   options nor the file's name do
 * @throws InputError if the format is unknown
 */
export async function chooseFormat(
  name: string,
  first: Buffer,
  options: InputOptions,
  rules: DocumentRules,
  maxRowBytes: number,
): Promise<Reading> {
  const origin = readRejectsHeader(first);
  const format = origin
    ? "ndjson"
    : options.path !== undefined
      ? "json"
      : options.format === "auto"
        ? guess(name, first)
        : options.format;
  const { bare, force } = origin ?? options;
  switch (format) {
    case "ndjson":
    case "json": {
      const ofOrigin = { ...rules, idField: origin?.idField ?? rules.idField };
      const ofText =
        origin?.format === "csv"
          ? await csvRows(csvRules(name, origin, ofOrigin), origin.columns)
          : undefined;
      return {
        format,
        splitter:
          format === "json"
            ? new ArraySplitter(maxRowBytes, options.path)
            : new LineEnds(new LineSplitter(maxRowBytes)),
        rows: new JsonRows(ofOrigin, bare, force, ofText),
        origin: () =>
          origin ?? { ...originOf(options, rules), format: "ndjson" },
      };
    }
    case "csv": {
      const delimiter = options.delimiter ?? namedDelimiter(first);
      const csv = csvRules(name, { ...options, delimiter }, rules);
      const rows = await csvRows(csv);
      return {
        format,
        splitter: new LineEnds(
          new CsvSplitter(csv.delimiter.charCodeAt(0), maxRowBytes),
        ),
        rows,
        origin: () => ({
          ...originOf(options, rules),
          ...{ format, delimiter: csv.delimiter, columns: rows.columns },
        }),
      };
    }
  }
}

function originOf(
  { bare, force, types, nested }: InputOptions,
  { idField }: DocumentRules,
): Omit<RejectsOrigin, "format"> {
  return {
    ...{ bare, force, idField, types, nested },
    ...{ delimiter: undefined, columns: undefined },
  };
}

function csvRules(
  name: string,
  {
    delimiter,
    types,
    nested,
    force,
  }: Pick<InputOptions, "delimiter" | "types" | "nested" | "force">,
  rules: DocumentRules,
): CsvRules {
  return {
    ...rules,
    types,
    isNested: nested,
    mayBeEmpty: force || rules.mayLackBody === true,
    delimiter: delimiter ?? (isTsv(name) ? "\t" : ","),
    isDelimiterSure: delimiter !== undefined || force,
  };
}

/** Loads the CSV library only when needed. */
async function csvRows(
  rules: CsvRules,
  columns?: readonly string[],
): Promise<CsvRows> {
  const { parse } = await import("csv-parse/sync");
  return new CsvRows(rules, parse, columns);
}

/** The delimiter of a spreadsheet's CSV, which may start with the line `sep=;`. */
function namedDelimiter(first: Buffer): string | undefined {
  return DELIMITER_LINE.exec(first.toString("latin1", 0, 8))?.[1];
}

function guess(name: string, first: Buffer): Exclude<Format, "auto"> {
  const other = otherFormat(first);
  if (other !== undefined) throw new InputError(other);
  const plain = plainName(name);
  const text = first.toString().trimStart();
  if (/\.[ct]sv$/i.test(plain)) return "csv";
  if (/\.(ndjson|jsonl)$/i.test(plain)) return "ndjson";
  if (/^\{\s*\n/.test(text)) {
    const path = pathOfObjects(text) ?? "KEY";
    throw new InputError(
      `The input is one JSON object of several lines. Use --path ${path} for the array of its documents, or --format ndjson if it has one object on each line.`,
    );
  }
  if (text === "" || text.startsWith("{")) return "ndjson";
  if (text.startsWith("[")) return "json";
  const csv = csvOptions(first);
  throw new InputError(
    csv === undefined
      ? "The format of the input is unknown: neither its name nor its first character identifies it. Use --format ndjson, json or csv."
      : `The format of the input is unknown; its first line looks like CSV. Use ${csv} if it is.`,
  );
}

function isTsv(name: string): boolean {
  return /\.tsv$/i.test(plainName(name));
}
