import type { FailureCode } from "../../lib/types";
import type { RawRow } from "./rawRow";

/** Why a row was not written. `duplicate`: its id is that of an earlier row. */
export interface Reject {
  /** the line of the input where the row begins, from 1 */
  readonly line: number;
  /** which row of the input it is, from 1 */
  readonly row: number;
  readonly code: FailureCode | "duplicate";
  readonly reason: string;
  /** of the server's error, where the server rejected the document */
  readonly status?: number;
  /** of a duplicate: it stays one while its `_id` is this */
  readonly id?: string;
}

interface Place {
  readonly row: number;
  readonly line: number;
  /** the offset up to which the input has been read, with this row */
  readonly end: number;
}

/** A row that makes a document. */
export interface DocumentRow extends Place {
  readonly kind: "document";
  readonly id: string;
  /** whether the id was made up for it */
  readonly isIdNew: boolean;
  /** `{"_id":…,"body":…}` as it is sent, in JSON */
  readonly json: Buffer;
}

/** A row that makes none. */
export interface RejectedRow extends Place {
  readonly kind: "rejected";
  /** the row itself, as members of a JSON object: see `rejectLine` */
  readonly members: string;
  readonly reject: Reject;
  /** it is a JSON object, but not one that has a `body` */
  readonly isBare?: true;
}

export type Row = DocumentRow | RejectedRow;

/** Makes documents of rows. */
export interface RowFormat {
  parse(rows: readonly RawRow[]): Row[];
}

export interface DocumentRules {
  /** The field that is the id; none: `_id`, where a document has one. */
  readonly idField: string | undefined;
  /** The id of a row that has none; undefined where a row must have one. */
  readonly newId: ((row: number) => string) | undefined;
  /** The largest `{"_id":…,"body":…}` that fits into a request. */
  readonly maxDocumentBytes: number;
}

/** The engine's own bound for an id, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;

export function idError(id: unknown, name = "_id"): string | undefined {
  if (typeof id !== "string" || id === "") {
    return `${name} must be a non-empty string.`;
  }
  return Buffer.byteLength(id) > MAX_ID_BYTES
    ? `${name} has more than ${MAX_ID_BYTES} bytes.`
    : undefined;
}

export function rejected(
  raw: RawRow,
  code: Reject["code"],
  reason: string,
  members: string,
  id?: string,
): RejectedRow {
  const { row, line, end } = raw;
  const reject: Reject = { line, row, code, reason, ...(id && { id }) };
  return { kind: "rejected", row, line, end, members, reject };
}

/** A document of a row, rejected when no request can hold it. */
export function documentRow(
  raw: RawRow,
  id: string,
  isIdNew: boolean,
  json: Buffer,
  maxDocumentBytes: number,
): Row {
  if (json.length > maxDocumentBytes) {
    const reason = `The document has ${json.length} bytes; a request has room for ${maxDocumentBytes}.`;
    return rejected(raw, "too_large", reason, membersOf(json));
  }
  const { row, line, end } = raw;
  return { kind: "document", row, line, end, id, isIdNew, json };
}

/** What stands between the braces of a JSON object. */
export function membersOf(json: Buffer): string {
  const text = json.toString().trim();
  return text.slice(1, -1).trim();
}

/**
 * A line of the rejects file. It can be fed in again: as a document where it has
 * a `body`, as the text of a row where it has a `raw`.
 */
export function rejectLine(members: string, reject: Reject): string {
  const why = `"reject":${JSON.stringify(reject)}`;
  return members === "" ? `{${why}}` : `{${members},${why}}`;
}

/** The text of a row of which nothing could be made. */
export function rawMembers(bytes: Buffer, isText: boolean): string {
  if (bytes.length === 0) return "";
  return isText
    ? `"raw":${JSON.stringify(bytes.toString())}`
    : `"rawBase64":"${bytes.toString("base64")}"`;
}
