import { isUtf8 } from "node:buffer";

import { InputError, type RawRow } from "./rawRow";
import { isRejectsHeader } from "./rejectsHeader";
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

/** Keys beside the source in what Kuzzle, this plugin and elasticdump write. */
const METADATA = new Set([
  ...["index", "collection", "_version", "_seq_no", "_primary_term"],
  ...["_index", "_type", "_score", "sort", "found", "reject"],
  ...["created", "position", "result", "status", "attempts", "_shards"],
]);

/**
 * Rows that are JSON objects: `{ _id?, body }`, or `{ _id, _source, … }` as Kuzzle
 * and elasticdump write them; with `bare`, the documents themselves. The first line
 * of an export of Kuzzle or kourou, or of a rejects file, is not a document.
 */
export class JsonRows implements RowFormat {
  /**
   * @param force whether to read a GeoJSON collection as one document
   * @param text how the text of a rejected row is read again; default: as JSON
   */
  constructor(
    private readonly rules: DocumentRules,
    private readonly bare: boolean,
    private readonly force = false,
    private readonly text: RowFormat = this,
  ) {}

  /** @throws InputError for a GeoJSON collection */
  parse(rows: readonly RawRow[]): Row[] {
    return rows
      .filter((raw) => raw.row > 1 || !isHeader(raw.bytes))
      .map((raw) => this.parseOne(raw));
  }

  private parseOne(raw: RawRow): Row {
    const { bytes, error } = raw;
    const isText = isUtf8(bytes);
    const reject = (code: "invalid" | "too_large", reason: string) =>
      rejected(raw, code, reason, rawMembers(bytes, isText));

    if (error) return reject(error.code, error.reason);
    if (!isText) return reject("invalid", "The row is not UTF-8.");

    let value: unknown;
    try {
      value = JSON.parse(bytes.toString());
    } catch (error) {
      return reject("invalid", `Invalid JSON: ${(error as Error).message}`);
    }
    if (!isObject(value)) return reject("invalid", "The row is not an object.");
    try {
      return this.fromObject(raw, value);
    } catch (error) {
      // what JSON.parse reads at any depth, JSON.stringify does not write
      if (!(error instanceof RangeError)) throw error;
      return reject("invalid", "The row is nested too deeply.");
    }
  }

  private fromObject(raw: RawRow, value: Json): Row {
    if (isReject(value)) return this.again(raw, value);
    if (isFeatureCollection(value) && !this.force) {
      throw new InputError(
        `Line ${raw.line} is a GeoJSON FeatureCollection of ${value.features.length} features. ` +
          "Use --path features to write the features, or --force to write it as one document. Nothing was sent.",
      );
    }
    const { document } = value;
    if (value.type === "document" && isObject(document) && !this.bare) {
      return this.fromEnvelope(raw, document, false);
    }
    return this.bare
      ? this.fromBare(raw, value)
      : this.fromEnvelope(raw, value, true);
  }

  /** A line of a rejects file, fed in again. */
  private again(raw: RawRow, value: Json): Row {
    const { raw: text, rawBase64 } = value;
    const bytes =
      typeof text === "string"
        ? Buffer.from(text)
        : typeof rawBase64 === "string"
          ? Buffer.from(rawBase64, "base64")
          : undefined;
    const [row] = bytes ? this.text.parse([{ ...raw, bytes }]) : [];
    if (row !== undefined) return row;
    const { code, id } = value.reject as Json;
    if (
      code === "duplicate" &&
      typeof id === "string" &&
      id === textOf(value._id)
    ) {
      return rejected(
        raw,
        "duplicate",
        "The row was rejected as a duplicate: change its _id, or remove `reject` to replace the document.",
        rejectedMembers(raw, value),
        id,
      );
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
    const reject = (reason: string, isBare = false): Row => ({
      ...rejected(raw, "invalid", reason, rejectedMembers(raw, value)),
      ...(isBare && { isBare }),
    });
    const content = body ?? _source;
    if (!isObject(content)) {
      return reject(
        content === undefined
          ? "The row has no body. (--bare: the rows are the documents themselves.)"
          : "The body must be an object.",
        content === undefined,
      );
    }
    const names = Object.keys(others).filter((name) => !METADATA.has(name));
    if (body !== undefined && _source !== undefined) names.push("_source");
    if (names.length > 0) {
      return reject(
        `Unknown beside a body: ${names.join(", ")}. (--bare: the rows are the documents themselves.)`,
        true,
      );
    }
    const isPlain =
      mayKeep && _source === undefined && Object.keys(others).length === 0;
    return this.withId(raw, _id, reject, (id, isNew) => {
      if (!isPlain || typeof _id === "number") return stringify(id, content);
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
    const reject = (reason: string): Row =>
      rejected(raw, "invalid", reason, rawMembers(raw.bytes, true));
    if (idField !== "_id" && (found === undefined || found === null)) {
      return reject(`The document has no ${idField}.`);
    }
    return this.withId(raw, found, reject, (_id) => {
      if (!("_id" in value)) return wrapped(_id, raw.bytes);
      // the engine takes no field of this name
      const { _id: left, ...body } = value;
      return stringify(_id, body);
    });
  }

  private withId(
    raw: RawRow,
    found: unknown,
    reject: (reason: string) => Row,
    json: (id: string, isNew: boolean) => Buffer,
  ): Row {
    const { newId, idField, maxDocumentBytes } = this.rules;
    const isNew =
      newId !== undefined && (found === undefined || found === null);
    const id = isNew ? newId(raw.row) : textOf(found);
    const problem = idError(id, this.bare ? idField : "_id");
    if (problem !== undefined) return reject(problem);
    const _id = id as string;
    return documentRow(raw, _id, isNew, json(_id, isNew), maxDocumentBytes);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An id may be a whole number, as in a database's key. */
function textOf(id: unknown): unknown {
  return Number.isSafeInteger(id) ? String(id) : id;
}

function isReject({ reject }: Json): boolean {
  return (
    isObject(reject) &&
    typeof reject.code === "string" &&
    Number.isSafeInteger(reject.line)
  );
}

function isFeatureCollection(
  value: Json,
): value is Json & { features: unknown[] } {
  return value.type === "FeatureCollection" && Array.isArray(value.features);
}

/** Kuzzle and kourou describe the collection in the first line of an export. */
function isHeader(bytes: Buffer): boolean {
  if (isRejectsHeader(bytes)) return true;
  if (bytes.length > MAX_HEADER_BYTES) return false;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return (
      isObject(value) &&
      value.type === "collection" &&
      typeof value.index === "string" &&
      typeof value.collection === "string" &&
      Object.keys(value).length === 3
    );
  } catch {
    return false;
  }
}

const MAX_HEADER_BYTES = 1_000;

export function stringify(_id: string, body: Json): Buffer {
  return Buffer.from(JSON.stringify({ _id, body }));
}

/** A row that has a body is told from others again, without an earlier `reject`. */
function rejectedMembers({ bytes }: RawRow, { reject, ...row }: Json): string {
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
