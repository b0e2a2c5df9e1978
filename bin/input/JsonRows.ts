import { isUtf8 } from "node:buffer";

import type { RawRow } from "./rawRow";
import {
  documentRow,
  type DocumentRules,
  idError,
  rawMembers,
  rejected,
  type Row,
  type RowFormat,
} from "./rows";

type Json = Record<string, unknown>;

/** Keys of documents as Kuzzle answers them, that say nothing of what to write. */
const PASSED_OVER = new Set([
  ...["index", "collection", "_version", "_seq_no", "_primary_term"],
  ...["_score", "reject"],
]);

/**
 * Rows that are JSON objects: `{ _id?, body }`, or what Kuzzle answers,
 * `{ _id, _source, … }`; with `bare`, the documents themselves.
 */
export class JsonRows implements RowFormat {
  constructor(
    private readonly rules: DocumentRules,
    private readonly bare: boolean,
  ) {}

  parse(rows: readonly RawRow[]): Row[] {
    return rows.map((raw) => this.parseOne(raw));
  }

  private parseOne(raw: RawRow): Row {
    const { bytes, error } = raw;
    const isText = isUtf8(bytes);
    const refuse = (code: "invalid" | "too_large", reason: string) =>
      rejected(raw, code, reason, rawMembers(bytes, isText));

    if (error) return refuse(error.code, error.reason);
    if (!isText) return refuse("invalid", "The row is not UTF-8.");

    let value: unknown;
    try {
      value = JSON.parse(bytes.toString());
    } catch (error) {
      return refuse("invalid", `No JSON: ${(error as Error).message}`);
    }
    if (!isObject(value)) return refuse("invalid", "The row is no object.");
    try {
      return this.fromObject(raw, value);
    } catch (error) {
      // what JSON.parse reads at any depth, JSON.stringify does not write
      if (!(error instanceof RangeError)) throw error;
      return refuse("invalid", "The row is nested too deeply.");
    }
  }

  private fromObject(raw: RawRow, value: Json): Row {
    if (isReject(value)) return this.again(raw, value);
    return this.bare
      ? this.fromBare(raw, value)
      : this.fromEnvelope(raw, value, true);
  }

  /** A line of a rejects file, fed in again. */
  private again(raw: RawRow, value: Json): Row {
    const { raw: text, rawBase64 } = value;
    if (typeof text === "string") {
      return this.parseOne({ ...raw, bytes: Buffer.from(text) });
    }
    if (typeof rawBase64 === "string") {
      return this.parseOne({ ...raw, bytes: Buffer.from(rawBase64, "base64") });
    }
    if (value.body !== undefined || value._source !== undefined) {
      return this.fromEnvelope(raw, value, false);
    }
    const reason = "The row was too long for the rejects file to keep it.";
    const first = JSON.stringify(value.first ?? value.reject);
    return rejected(raw, "invalid", reason, `"first":${first}`);
  }

  private fromEnvelope(raw: RawRow, value: Json, mayKeep: boolean): Row {
    const { _id, body, _source, ...others } = value;
    const refuse = (reason: string, isBare = false): Row => ({
      ...rejected(raw, "invalid", reason, refusedMembers(raw, value)),
      ...(isBare && { isBare }),
    });
    const content = body ?? _source;
    if (!isObject(content)) {
      return refuse(
        content === undefined
          ? "The row has no body. (--bare: rows are documents themselves.)"
          : "The body must be an object.",
        content === undefined,
      );
    }
    const names = Object.keys(others).filter((name) => !PASSED_OVER.has(name));
    if (body !== undefined && _source !== undefined) names.push("_source");
    if (names.length > 0) {
      return refuse(
        `Not known beside a body: ${names.join(", ")}. (--bare: rows are documents themselves.)`,
        true,
      );
    }
    const isPlain =
      mayKeep && _source === undefined && Object.keys(others).length === 0;
    return this.withId(raw, _id, refuse, (id, isNew) => {
      if (!isPlain) return stringify(id, content);
      if (!isNew) return raw.bytes;
      // a null that is there would come after it and count
      return "_id" in value
        ? stringify(id, content)
        : withFirstMember(raw.bytes, id);
    });
  }

  private fromBare(raw: RawRow, value: Json): Row {
    const { idField = "_id" } = this.rules;
    const found = value[idField];
    const id =
      idField !== "_id" && Number.isSafeInteger(found) ? String(found) : found;
    const refuse = (reason: string): Row =>
      rejected(raw, "invalid", reason, rawMembers(raw.bytes, true));
    if (idField !== "_id" && (id === undefined || id === null)) {
      return refuse(`The document has no ${idField}.`);
    }
    return this.withId(raw, id, refuse, (_id) => {
      if (!("_id" in value)) return wrapped(_id, raw.bytes);
      // the engine takes no field of this name
      const { _id: left, ...body } = value;
      return stringify(_id, body);
    });
  }

  private withId(
    raw: RawRow,
    found: unknown,
    refuse: (reason: string) => Row,
    json: (id: string, isNew: boolean) => Buffer,
  ): Row {
    const { newId, idField, maxDocumentBytes } = this.rules;
    const isNew =
      newId !== undefined && (found === undefined || found === null);
    const id = isNew ? newId(raw.row) : found;
    const defect = idError(id, this.bare ? idField : "_id");
    if (defect !== undefined) return refuse(defect);
    const _id = id as string;
    return documentRow(raw, _id, isNew, json(_id, isNew), maxDocumentBytes);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isReject({ reject }: Json): boolean {
  return (
    isObject(reject) &&
    typeof reject.code === "string" &&
    Number.isSafeInteger(reject.line)
  );
}

export function stringify(_id: string, body: Json): Buffer {
  return Buffer.from(JSON.stringify({ _id, body }));
}

/** A row that has a body is told from others again, without an earlier `reject`. */
function refusedMembers({ bytes }: RawRow, { reject, ...row }: Json): string {
  const hasBody = row.body !== undefined || row._source !== undefined;
  return hasBody ? JSON.stringify(row).slice(1, -1) : rawMembers(bytes, true);
}

/** `{"body":…}` as it stands, with an id before it. */
function withFirstMember(bytes: Buffer, id: string): Buffer {
  const rest = bytes.subarray(bytes.indexOf("{") + 1);
  return Buffer.concat([Buffer.from(`{"_id":${JSON.stringify(id)},`), rest]);
}

/** A body as it stands, in an object with its id. */
function wrapped(id: string, body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`{"_id":${JSON.stringify(id)},"body":`),
    body,
    Buffer.from("}"),
  ]);
}
