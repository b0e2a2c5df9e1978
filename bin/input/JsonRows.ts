import { isUtf8 } from "node:buffer";

import { JsonError } from "../../lib/core/validation/JsonScanner";
import { membersOf, withoutMember } from "../../lib/core/validation/jsonObject";
import { InputError, type RawRow, ROW_RULES } from "./rawRow";
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

/** The members of a row by name, each value as its text. */
type Members = ReadonlyMap<string, string>;

/** Keys next to the source in the output of Kuzzle, this plugin and elasticdump. */
const METADATA = new Set([
  ...["index", "collection", "_version", "_seq_no", "_primary_term"],
  ...["_index", "_type", "_score", "sort", "found", "reject"],
  ...["created", "position", "result", "status", "attempts", "_shards"],
]);

/** Members that may contain a row's document. */
const CONTENTS = ["body", "json", "_source"];

/**
 * Rows that are JSON objects: `{ _id?, body }` or `{ _id?, json }` as this plugin
 * accepts them, or `{ _id, _source, … }` as Kuzzle and elasticdump write them; with
 * `bare`, the documents themselves. The first line of a Kuzzle or kourou export, or of
 * a rejects file, is not a document.
 *
 * Documents are never parsed, because that would change numbers.
 */
export class JsonRows implements RowFormat {
  /**
   * @param force whether to read a GeoJSON collection as one document
   * @param text how to read the text of a rejected row; default: as JSON
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
    const text = bytes.toString();
    try {
      return this.fromObject(raw, text, membersOf(text, ROW_RULES));
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return reject("invalid", `The row is invalid: ${error.message}.`);
    }
  }

  private fromObject(raw: RawRow, text: string, members: Members): Row {
    const reject = rejectOf(members);
    if (reject !== undefined) return this.again(raw, members, reject);
    if (isFeatureCollection(members) && !this.force) {
      const { features } = JSON.parse(text) as { features: unknown[] };
      throw new InputError(
        `Line ${raw.line} is a GeoJSON FeatureCollection of ${features.length} features. ` +
          "Use --path features to write the features, or --force to write it as one document. Nothing was sent.",
      );
    }
    if (raw.row === 1 && !this.force && isBulkAction(members)) {
      throw new InputError(
        `Line ${raw.line} is an action of Elasticsearch's bulk format, whose documents are on separate lines. ` +
          "The documentation has a command that converts it; --force treats each line as a row. Nothing was sent.",
      );
    }
    if (this.bare) return this.fromBare(raw, text, members);
    const document = members.get("document");
    return this.fromEnvelope(
      raw,
      members.get("type") === '"document"' && isObjectText(document)
        ? membersOf(document)
        : members,
    );
  }

  /** A line of a rejects file that is imported again. */
  private again(raw: RawRow, members: Members, { code, id }: Json): Row {
    const text = valueOf(members, "raw");
    const base64 = valueOf(members, "rawBase64");
    const bytes =
      typeof text === "string"
        ? Buffer.from(text)
        : typeof base64 === "string"
          ? Buffer.from(base64, "base64")
          : undefined;
    const [row] = bytes ? this.text.parse([{ ...raw, bytes }]) : [];
    if (row !== undefined) return row;
    if (
      code === "duplicate" &&
      typeof id === "string" &&
      id === idOf(members.get("_id"))
    ) {
      return rejected(
        raw,
        "duplicate",
        "The row was rejected as a duplicate: change its _id, or remove `reject` to replace the document.",
        rejectedMembers(raw, members),
        id,
      );
    }
    if (CONTENTS.some((name) => members.has(name))) {
      return this.fromEnvelope(raw, members);
    }
    const reason = "The row was too long for the rejects file to keep it.";
    const first = members.get("first") ?? members.get("reject");
    return rejected(raw, "invalid", reason, `"first":${first}`);
  }

  private fromEnvelope(raw: RawRow, members: Members): Row {
    const reject = (reason: string, isBare = false): Row => ({
      ...rejected(raw, "invalid", reason, rejectedMembers(raw, members)),
      ...(isBare && { isBare }),
    });
    const [name, ...more] = CONTENTS.filter((each) => members.has(each));
    if (name === undefined && !this.mayBeIdAlone(members)) {
      return reject(
        "The row has no body. (--bare: the rows are the documents themselves.)",
        true,
      );
    }
    const others = [...members.keys()].filter(
      (each) => each !== "_id" && each !== name && !METADATA.has(each),
    );
    if (others.length > 0) {
      return reject(
        `Unknown members next to the body: ${others.join(", ")}. (--bare: the rows are the documents themselves.)`,
        more.length === 0,
      );
    }
    const content = name === undefined ? "{}" : contentOf(members, name);
    if (typeof content !== "string") return reject(content.error);
    return this.withId(raw, members.get("_id"), reject, content);
  }

  private mayBeIdAlone(members: Members): boolean {
    return this.rules.mayLackBody === true && members.has("_id");
  }

  private fromBare(raw: RawRow, text: string, members: Members): Row {
    const { idField = "_id" } = this.rules;
    const found = fieldIn(members, idField);
    const reject = (reason: string): Row =>
      rejected(raw, "invalid", reason, rawMembers(raw.bytes, true));
    if (idField !== "_id" && (found === undefined || found === "null")) {
      return reject(`The document has no ${idField}.`);
    }
    // Elasticsearch rejects a field with this name
    const content = members.has("_id") ? withoutMember(text, "_id") : text;
    return this.withId(raw, found, reject, content.trim());
  }

  private withId(
    raw: RawRow,
    found: string | undefined,
    reject: (reason: string) => Row,
    json: string,
  ): Row {
    const { newId, idField = "_id", maxDocumentBytes } = this.rules;
    const isNew =
      newId !== undefined && (found === undefined || found === "null");
    const id = isNew ? newId(raw.row) : idOf(found);
    const problem = idError(id, this.bare ? idField : "_id", found);
    if (problem !== undefined) return reject(problem);
    return documentRow(raw, id as string, isNew, json, maxDocumentBytes);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isObjectText(text: string | undefined): text is string {
  return text?.startsWith("{") === true;
}

/** The text of a field, which may be nested: `properties.code`. */
function fieldIn(members: Members, path: string): string | undefined {
  const own = members.get(path);
  const dots = [...path.matchAll(/\./g)].map(({ index }) => index);
  return dots.reduce((found, dot) => {
    const parent = members.get(path.slice(0, dot));
    if (found !== undefined || !isObjectText(parent)) return found;
    return fieldIn(membersOf(parent), path.slice(dot + 1));
  }, own);
}

/** The parsed value of a member whose numbers do not matter. */
function valueOf(members: Members, name: string): unknown {
  const text = members.get(name);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * The text of an id, which may be an integer of any size, such as a database key. Other
 * spellings of a number (`1.0`, `1e3`, `-0`) are rejected, because programs would turn
 * them into different ids. mongoexport writes the ids that MongoDB assigns as `{
 * "$oid": "…" }`.
 */
function idOf(found: string | undefined): string | undefined {
  if (found?.startsWith('"')) return JSON.parse(found) as string;
  const [, oid] = /^\{\s*"\$oid"\s*:\s*"(\w+)"\s*\}$/.exec(found ?? "") ?? [];
  if (oid !== undefined) return oid;
  return /^(?:0|-?[1-9]\d*)$/.test(found ?? "") ? found : undefined;
}

/** The document's own text, or what is wrong with it. */
function contentOf(
  members: Members,
  name: string,
): string | { readonly error: string } {
  const text = members.get(name);
  if (name !== "json") {
    return isObjectText(text) ? text : { error: "The body must be an object." };
  }
  const json = valueOf(members, name);
  try {
    membersOf(String(json), ROW_RULES);
    return (json as string).trim();
  } catch (error) {
    return { error: `json is invalid: ${(error as Error).message}.` };
  }
}

/** Why the row of a rejects file was rejected. */
function rejectOf(members: Members): Json | undefined {
  const reject = valueOf(members, "reject");
  return isObject(reject) &&
    typeof reject.code === "string" &&
    Number.isSafeInteger(reject.line)
    ? reject
    : undefined;
}

function isFeatureCollection(members: Members): boolean {
  return (
    members.get("type") === '"FeatureCollection"' &&
    members.get("features")?.startsWith("[") === true
  );
}

/** `{"index":{"_id":"1"}}` and nothing else. */
function isBulkAction(members: Members): boolean {
  const [[name, text] = ["", ""], ...others] = [...members];
  return others.length === 0 && BULK_ACTIONS.has(name) && isObjectText(text);
}

const BULK_ACTIONS = new Set(["index", "create", "update", "delete"]);

/** On the first line of an export, Kuzzle and kourou describe the collection. */
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

/** A row with a body is sent again, without an earlier `reject`. */
function rejectedMembers({ bytes }: RawRow, members: Members): string {
  if (!CONTENTS.some((name) => members.has(name))) {
    return rawMembers(bytes, true);
  }
  return [...members]
    .filter(([name]) => name !== "reject")
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(",")
    .replace(/[\r\n]/g, " ");
}
