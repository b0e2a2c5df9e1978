import type { JsonRules } from "../../lib/core/validation/JsonScanner";

/** Rules for JSON in a row. The server allows fewer levels, and its error says so. */
export const ROW_RULES: JsonRules = {
  maxDepth: 1_000,
  isRewritten: false,
  hasUniqueNames: true,
};

/** An unparsed row of the input. */
export interface RawRow {
  /** the number of the row, from 1; blank lines do not count */
  readonly row: number;
  /** the line of the input on which it starts, from 1 */
  readonly line: number;
  /** the offset at which it starts in the decompressed input, in bytes */
  readonly start: number;
  /** the offset up to which the input has been read, including this row */
  readonly end: number;
  /** its text; empty if it is too long to be kept */
  readonly bytes: Buffer;
  /** why it cannot be read, if the splitter found out */
  readonly error?: RowError;
}

export interface RowError {
  readonly code: "invalid" | "too_large";
  readonly reason: string;
}

/**
 * Splits bytes that arrive in pieces of any size into rows. The boundaries of the
 * pieces do not affect the rows.
 */
export interface Splitter {
  /** The rows that these bytes complete. */
  push(bytes: Buffer): RawRow[];
  /** The rows that the end of the input completes. */
  end(): RawRow[];
}

/** The input as a whole does not have its format; nothing was sent. */
export class InputError extends Error {}

/** The input cannot be read any further: the rows before remain valid. */
export class InputBrokenOff extends Error {}

export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

export function isBlankText(bytes: Buffer): boolean {
  return bytes.every(isBlank);
}

/** The error of a row whose text is too long to be kept. */
export function tooLong(size: number, allowed: number): RowError {
  return {
    code: "too_large",
    reason: `The row has ${size} bytes, more than the ${allowed} that are kept.`,
  };
}
