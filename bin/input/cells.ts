import { membersOf } from "../../lib/core/validation/jsonObject";
import { ROW_RULES } from "./rawRow";

/** The types of CSV columns. */
export const CELL_TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "date",
  "json",
] as const;
export type CellType = (typeof CELL_TYPES)[number];

const DATE =
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** Sign, digits before the point, digits after it, exponent. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** From the smallest `long` to the largest `unsigned_long`. */
const INTEGERS = { least: -(2n ** 63n), most: 2n ** 64n - 1n };

/**
 * The JSON of a cell, with the digits of a number unchanged; undefined for a cell that
 * does not have the type. A date stays text, as in JSON.
 */
export function cellJson(cell: string, type: CellType): string | undefined {
  const text = cell.trim();
  switch (type) {
    case "string":
      return JSON.stringify(cell);
    case "number":
      return numberJson(text);
    case "integer":
      return integerJson(text);
    case "boolean":
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : undefined;
    case "date":
      return DATE.test(text) && !Number.isNaN(Date.parse(text))
        ? JSON.stringify(text)
        : undefined;
    case "json":
      return isJson(text) ? text : undefined;
  }
}

/** As in "is not a number". */
export function describeType(type: CellType): string {
  switch (type) {
    case "json":
      return "JSON";
    case "integer":
      return "a 64-bit integer";
    case "number":
      return "a decimal number in the range of a double";
    default:
      return `a ${type}`;
  }
}

/**
 * JSON does not allow a plus sign or leading zeros, and requires digits on both sides
 * of a decimal point. Numbers outside the range of doubles (1e400, 1e-400) would be
 * read as other numbers.
 */
function numberJson(text: string): string | undefined {
  const [, sign = "", whole = "", fraction, exponent] =
    DECIMAL.exec(text) ?? [];
  const digits = `${whole}${fraction ?? ""}`;
  if (digits === "") return undefined;
  const number = [
    sign === "-" ? "-" : "",
    whole.replace(/^0+(?=\d)/, "") || "0",
    fraction ? `.${fraction}` : "",
    exponent === undefined ? "" : `e${exponent}`,
  ].join("");
  const double = Number(number);
  const isZero = !/[1-9]/.test(digits);
  return Number.isFinite(double) && (double !== 0 || isZero)
    ? number
    : undefined;
}

function integerJson(text: string): string | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const integer = BigInt(text.replace("+", ""));
  return integer >= INTEGERS.least && integer <= INTEGERS.most
    ? String(integer)
    : undefined;
}

/** One value, not a piece of an object. */
function isJson(text: string): boolean {
  try {
    return membersOf(`{"cell":${text}}`, ROW_RULES).size === 1;
  } catch {
    return false;
  }
}
