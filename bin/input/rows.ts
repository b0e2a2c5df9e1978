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
  /** as it is sent: `{"_id":…,"json":"…"}`, see `wireOf` */
  readonly wire: Buffer;
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
  /** Whether a row may be an `_id` alone: then its document is empty. */
  readonly mayLackBody?: boolean;
  /** The largest `wire` that fits into a request. */
  readonly maxDocumentBytes: number;
}

/** The engine's own bound for an id, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;

/** @param found the text of an id that was no string, for the reason */
export function idError(
  id: unknown,
  name = "_id",
  found?: string,
): string | undefined {
  if (typeof id !== "string" || id === "") {
    const isNumber = /^[-\d]/.test(found ?? "");
    return isNumber
      ? `${name} must be a non-empty string, or a whole number in plain digits: ${found}`
      : `${name} must be a non-empty string.`;
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

/**
 * A document of a row, rejected when no request can hold it.
 *
 * @param json an object, found to be well formed
 */
export function documentRow(
  raw: RawRow,
  id: string,
  isIdNew: boolean,
  json: string,
  maxDocumentBytes: number,
): Row {
  const wire = wireOf(id, json, maxDocumentBytes);
  if (wire.length > maxDocumentBytes) {
    const reason = `The document has ${wire.length} bytes; a request has room for ${maxDocumentBytes}.`;
    return rejected(raw, "too_large", reason, membersOf(wire));
  }
  const { row, line, end } = raw;
  return { kind: "document", row, line, end, id, isIdNew, wire };
}

/**
 * A document as text, which the server passes on as it is: a body would be parsed
 * on its way, and its numbers rounded. A text needs more bytes, for its escapes: so
 * one that is too large is sent as a body where only white space is lost by that.
 *
 * Line breaks are the layout of the file, not of the document.
 */
export function wireOf(id: string, json: string, maxBytes: number): Buffer {
  const text = /[\r\n]/.test(json) ? compact(json) : json;
  const _id = JSON.stringify(id);
  const wire = Buffer.from(`{"_id":${_id},"json":${JSON.stringify(text)}}`);
  if (wire.length <= maxBytes) return wire;
  const body = JSON.stringify(JSON.parse(text));
  return body === compact(text)
    ? Buffer.from(`{"_id":${_id},"body":${body}}`)
    : wire;
}

/** JSON without the white space between its parts. */
function compact(json: string): string {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (token) =>
    token.startsWith('"') ? token : "",
  );
}

/** A document as members of a line of the rejects file, its text as it stands. */
export function membersOf(wire: Buffer): string {
  const { _id, json, body } = JSON.parse(wire.toString()) as {
    readonly _id: string;
    readonly json?: string;
    readonly body?: object;
  };
  return `"_id":${JSON.stringify(_id)},"body":${json ?? JSON.stringify(body)}`;
}

/**
 * A line of the rejects file. It can be fed in again: as a document where it has
 * a `body`, as the text of a row where it has a `raw`.
 */
export function rejectLine(members: string, reject: Reject): string {
  const why = `"reject":${JSON.stringify(reject)}`;
  return members === "" ? `{${why}}` : `{${members},${why}}`;
}

/** The text of a row that could not be read. */
export function rawMembers(bytes: Buffer, isText: boolean): string {
  if (bytes.length === 0) return "";
  return isText
    ? `"raw":${JSON.stringify(bytes.toString())}`
    : `"rawBase64":"${bytes.toString("base64")}"`;
}
