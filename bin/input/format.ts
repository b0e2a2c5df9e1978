import { ArraySplitter } from "./ArraySplitter";
import type { CellType } from "./cells";
import { CsvRows } from "./CsvRows";
import { CsvSplitter } from "./CsvSplitter";
import { JsonRows } from "./JsonRows";
import { LineSplitter } from "./LineSplitter";
import { InputError, isBlank, type Splitter } from "./rawRow";
import type { DocumentRules, RowFormat } from "./rows";

export const FORMATS = ["auto", "ndjson", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** How the input is to be read. */
export interface InputOptions {
  readonly format: Format;
  readonly bare: boolean;
  /** of CSV; undefined: a comma, a tab in a file named .tsv */
  readonly delimiter: string | undefined;
  readonly types: ReadonlyMap<string, CellType>;
}

export interface Reading {
  readonly format: Exclude<Format, "auto">;
  readonly splitter: Splitter;
  readonly rows: RowFormat;
}

/**
 * @param first the first bytes of the input, which tell its format where neither
 *   the options nor the file's name do
 * @throws InputError when nothing tells the format
 */
export async function chooseFormat(
  name: string,
  first: Buffer,
  options: InputOptions,
  rules: DocumentRules,
  maxRowBytes: number,
): Promise<Reading> {
  const format =
    options.format === "auto" ? guess(name, first) : options.format;
  switch (format) {
    case "ndjson":
      return {
        format,
        splitter: new LineSplitter(maxRowBytes),
        rows: new JsonRows(rules, options.bare),
      };
    case "json":
      return {
        format,
        splitter: new ArraySplitter(maxRowBytes),
        rows: new JsonRows(rules, options.bare),
      };
    case "csv": {
      const delimiter = options.delimiter ?? (isTsv(name) ? "\t" : ",");
      // only who reads CSV pays for it
      const { parse } = await import("csv-parse/sync");
      return {
        format,
        splitter: new CsvSplitter(delimiter.charCodeAt(0), maxRowBytes),
        rows: new CsvRows({ ...rules, delimiter, types: options.types }, parse),
      };
    }
  }
}

function guess(name: string, first: Buffer): Exclude<Format, "auto"> {
  const plain = name.replace(/\.gz$/i, "");
  if (/\.[ct]sv$/i.test(plain)) return "csv";
  if (/\.(ndjson|jsonl)$/i.test(plain)) return "ndjson";
  const byte = first.find((each) => !isBlank(each));
  switch (byte === undefined ? "{" : String.fromCharCode(byte)) {
    case "{":
      return "ndjson";
    case "[":
      return "json";
    default:
      throw new InputError(
        "What format the input has can't be seen: neither its name nor its first character tell. Say --format ndjson, json or csv.",
      );
  }
}

function isTsv(name: string): boolean {
  return /\.tsv(\.gz)?$/i.test(name);
}
