import type { JsonRules } from "../../lib/core/validation/JsonScanner";

/** Of JSON in a row. The server allows fewer levels, and says so in its error. */
export const ROW_RULES: JsonRules = {
  maxDepth: 1_000,
  isRewritten: false,
  hasUniqueNames: true,
};

/** A row of the input that is not parsed yet. */
export interface RawRow {
  /** which row of the input it is, from 1; blank lines do not count */
  readonly row: number;
  /** the line of the input where it begins, from 1 */
  readonly line: number;
  /** the offset in the unpacked input at which it begins, in bytes */
  readonly start: number;
  /** the offset at which everything up to here has been read, the row included */
  readonly end: number;
  /** its text; empty where it is too long to be kept */
  readonly bytes: Buffer;
  /** why it cannot be read, where the splitter has found that */
  readonly error?: RowError;
}

export interface RowError {
  readonly code: "invalid" | "too_large";
  readonly reason: string;
}

/**
 * Splits bytes, that come in pieces of any size, into rows. The rows are the same
 * wherever one piece ends and the next begins.
 */
export interface Splitter {
  /** The rows that these bytes complete. */
  push(bytes: Buffer): RawRow[];
  /** The rows that the end of the input completes. */
  end(): RawRow[];
}

/** The input as a whole cannot be read in its format; nothing was sent. */
export class InputError extends Error {}

/** The input cannot be read any further: the rows before it remain valid. */
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
