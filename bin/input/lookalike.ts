/** Guesses what an unknown input is, for a more helpful error message. */

/* eslint-disable no-control-regex -- these are bytes of files */

/** The first bytes of files, as Latin-1, and what to do with such files. */
const OTHERS: ReadonlyArray<readonly [begins: RegExp, what: string]> = [
  [/^PK\x03\x04/, "a ZIP archive or a workbook. Unpack it, or save it as CSV"],
  [/^\xd0\xcf\x11\xe0/, "an Excel workbook. Save it as CSV"],
  [/^BZh[1-9]1AY&SY/, "compressed with bzip2. Pipe it through bzip2 -dc"],
  [/^\xfd7zXZ/, "compressed with xz. Pipe it through xz -dc"],
  [/^PAR1\x15/, "Parquet. Convert it to NDJSON or CSV"],
  [/^Obj\x01/, "Avro. Convert it to NDJSON or CSV"],
  [/^SQLite format 3\0/, "an SQLite database. Export a table as CSV"],
  [/^[^]{4}[\x01-\x13]_id\0/, "BSON from mongodump. Use mongoexport"],
  [/^%PDF-/, "a PDF. Convert it to NDJSON or CSV"],
  [/^\s*<[?!a-z]/i, "XML or HTML. Convert it to NDJSON or CSV"],
];
/* eslint-enable no-control-regex */

const START_BYTES = 200;

/** @returns a sentence about an input of another format; undefined if unknown */
export function otherFormat(first: Buffer): string | undefined {
  const start = first.toString("latin1", 0, START_BYTES);
  const found = OTHERS.find(([begins]) => begins.test(start));
  return found && `The input is ${found[1]}.`;
}

const DELIMITERS = [",", ";", "\t", "|"];

/** @returns the options for text whose first line may be a CSV header */
export function csvOptions(first: Buffer): string | undefined {
  const [header = ""] = first.toString().split(/[\r\n]/, 1);
  const counts = DELIMITERS.map((each) => header.split(each).length);
  const most = Math.max(...counts);
  if (most === 1) return undefined;
  const delimiter = DELIMITERS[counts.indexOf(most)] as string;
  return delimiter === ","
    ? "--format csv"
    : `--format csv --delimiter ${shownDelimiter(delimiter)}`;
}

/** As written in a shell. */
export function shownDelimiter(delimiter: string): string {
  return delimiter === "\t" ? "tab" : `'${delimiter}'`;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/**
 * @param text a JSON object, or its beginning
 * @returns the keys that lead to its first list of objects, as for `--path`:
 *   `hits.hits`
 */
export function pathOfObjects(text: string): string | undefined {
  /** the keys of the open brackets; empty for those without one */
  const open: string[] = [];
  let [string, key, before] = ["", "", ""];
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === ":") key = string;
    else if (token === ",") key = "";
    else if (token === "}" || token === "]") open.pop();
    else if (token.startsWith('"')) string = token.slice(1, -1);
    else {
      const path = open.slice(1);
      const isPath =
        path.length > 0 && path.every((each) => /^[^.]+$/.test(each));
      if (token === "{" && before === "[" && isPath) return path.join(".");
      open.push(key);
      key = "";
    }
    before = token;
  }
  return undefined;
}
