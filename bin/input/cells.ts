/** What the cells of a CSV column are. */
export const CELL_TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "date",
  "json",
] as const;
export type CellType = (typeof CELL_TYPES)[number];

/** For a cell that cannot be read as its type. */
export const NO_VALUE = Symbol("no value");

const DATE =
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** The value of a cell, or `NO_VALUE`. A date stays text, as in JSON. */
export function cellValue(cell: string, type: CellType): unknown {
  const text = cell.trim();
  switch (type) {
    case "string":
      return cell;
    case "number":
      return text !== "" && Number.isFinite(Number(text))
        ? Number(text)
        : NO_VALUE;
    case "integer":
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? Number(text)
        : NO_VALUE;
    case "boolean":
      return booleanOf(text.toLowerCase());
    case "date":
      return DATE.test(text) && !Number.isNaN(Date.parse(text))
        ? text
        : NO_VALUE;
    case "json":
      try {
        return JSON.parse(cell) as unknown;
      } catch {
        return NO_VALUE;
      }
  }
}

function booleanOf(text: string): unknown {
  if (text === "true") return true;
  return text === "false" ? false : NO_VALUE;
}

/** As in "is not a number". */
export function describeType(type: CellType): string {
  if (type === "json") return "JSON";
  return type === "integer" ? "an integer" : `a ${type}`;
}
