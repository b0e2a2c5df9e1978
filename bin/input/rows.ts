import type { FailureCode } from "../../lib/types";
import type { RawRow } from "./rawRow";

/** Why a row was not written. `duplicate`: its id is that of an earlier row. */
export interface Reject {
  /** the line of the input on which the row starts, from 1 */
  readonly line: number;
  /** the number of the row, from 1 */
  readonly row: number;
  readonly code: FailureCode | "duplicate";
  readonly reason: string;
  /** of the server's error, if the server rejected the document */
  readonly status?: number;
  /** of a duplicate: the row remains one as long as it has this `_id` */
  readonly id?: string;
}

interface Place {
  readonly row: number;
  readonly line: number;
  /** the offset up to which the input has been read, including this row */
  readonly end: number;
}

/** A row with a document. */
export interface DocumentRow extends Place {
  readonly kind: "document";
  readonly id: string;
  /** whether the id was generated */
  readonly isIdNew: boolean;
  /** as sent: `{"_id":…,"json":"…"}`, see `wireOf` */
  readonly wire: Buffer;
}

/** A row without a valid document. */
export interface RejectedRow extends Place {
  readonly kind: "rejected";
  /** the row itself, as members of a JSON object: see `rejectLine` */
  readonly members: string;
  readonly reject: Reject;
  /** it is a JSON object, but without a `body` */
  readonly isBare?: true;
}

export type Row = DocumentRow | RejectedRow;

/** Converts rows to documents. */
export interface RowFormat {
  parse(rows: readonly RawRow[]): Row[];
}

export interface DocumentRules {
  /** The field that contains the id; undefined: `_id`, if the document has one. */
  readonly idField: string | undefined;
  /** Generates the id of a row that has none; undefined if a row must have one. */
  readonly newId: ((row: number) => string) | undefined;
  /** Whether a row may have only an `_id`: its document is then empty. */
  readonly mayLackBody?: boolean;
  /** The largest `wire` that fits into a request. */
  readonly maxDocumentBytes: number;
}

/** Elasticsearch's limit for an id, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;

/** @param found the text of an id that was not a string, for the reason */
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
 * The document of a row, or a rejected row if no request can hold it.
 *
 * @param json a well-formed object
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
 * A document as text, which the server passes on unchanged: it would parse a body, and
 * round its numbers. Because of its escapes, text needs more bytes; a document that
 * would be too large is sent as a body if only whitespace is lost that way.
 *
 * Line breaks are formatting of the file, not part of the document.
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

/** JSON without the whitespace between tokens. */
function compact(json: string): string {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (token) =>
    token.startsWith('"') ? token : "",
  );
}

/** A document as members of a line of the rejects file, with its text unchanged. */
export function membersOf(wire: Buffer): string {
  const { _id, json, body } = JSON.parse(wire.toString()) as {
    readonly _id: string;
    readonly json?: string;
    readonly body?: object;
  };
  return `"_id":${JSON.stringify(_id)},"body":${json ?? JSON.stringify(body)}`;
}

/**
 * A line of the rejects file. It can be imported again: as a document if it has a
 * `body`, as the text of a row if it has a `raw`.
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
