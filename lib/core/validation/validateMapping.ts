import _ from "lodash";

import type { CollectionDescription } from "../ports/DocumentStore";
import type { Source } from "../../types";
import { RawSource, parsedContent } from "../RawSource";
import type { AskedWrite, ValidationError, WriteDocument } from "../commands";
import { placeOf } from "./items";
import { inputOf } from "./writeInput";

/**
 * Finds documents that the collection's mapping certainly rejects.
 *
 * Never stricter than the engine: whatever is not known to be rejected passes, and the
 * engine decides.
 */
export function validateMapping(
  documents: readonly WriteDocument[],
  description: CollectionDescription,
): ValidationError<AskedWrite>[] {
  if (description.hasPipeline) {
    return [];
  }
  const validationErrors: ValidationError<AskedWrite>[] = [];

  for (const document of documents) {
    const { position } = document;
    const reason = rejectionOf(document, description);
    if (reason !== undefined) {
      validationErrors.push({
        position,
        asked: inputOf(document),
        failure: {
          status: 400,
          code: "mapping",
          reason: `${placeOf(document)}.${reason}`,
          retryable: false,
        },
      });
    }
  }
  return validationErrors;
}

/** @returns where in the document the problem is, and what it is */
function rejectionOf(
  { op, body, defaults }: WriteDocument,
  description: CollectionDescription,
): string | undefined {
  const ofContent = op === "upsert" ? "changes" : "body";
  const contents = [
    [body instanceof RawSource ? "json" : ofContent, body],
    [defaults instanceof RawSource ? "defaultJson" : "default", defaults],
  ] as const;
  for (const [name, content] of contents) {
    const reason =
      content && rejectionOfContent(parsedContent(content), description);
    if (reason !== undefined) {
      return `${name}.${reason}`;
    }
  }
  return undefined;
}

/** The settings that apply to a node of the mapping and everything below it. */
interface Scope {
  readonly path: string;
  readonly strict: boolean;
  readonly ignoreMalformed: boolean;
  /** runtime fields are not in `properties` but are accepted */
  readonly runtime: Source;
}

function rejectionOfContent(
  body: Source,
  { mappings, ignoreMalformed }: CollectionDescription,
): string | undefined {
  if (mappings.enabled === false || mappings.subobjects !== undefined) {
    return undefined;
  }
  return rejectionInObject(body, mappings, {
    path: "",
    strict: mappings.dynamic === "strict",
    ignoreMalformed,
    runtime: asObject(mappings.runtime),
  });
}

function rejectionInObject(
  value: Source,
  mapping: Source,
  scope: Scope,
): string | undefined {
  const properties = asObject(mapping.properties);

  for (const [name, child] of Object.entries(value)) {
    // engines split dotted names, by rules that depend on their version
    if (name.includes(".") || name.trim() === "") {
      continue;
    }
    const path = scope.path === "" ? name : `${scope.path}.${name}`;
    const field = _.has(properties, [name]) ? properties[name] : undefined;
    const reason =
      field === undefined
        ? rejectionOfUnknown(child, path, scope)
        : rejectionOfField(child, asObject(field), { ...scope, path });

    if (reason !== undefined) {
      return reason;
    }
  }
  return undefined;
}

function rejectionOfUnknown(
  value: unknown,
  path: string,
  scope: Scope,
): string | undefined {
  const mayBeRuntime = Object.keys(scope.runtime).some(
    (name) => name === path || name.startsWith(`${path}.`),
  );
  const isAccepted = mayBeRuntime || METADATA_OF_DOCUMENTS.has(path);
  return scope.strict && !isAccepted && holdsSomething(value)
    ? `${path}: the mapping is strict and has no such field`
    : undefined;
}

/**
 * Fields that version 8 of the engine accepts in a document although no mapping has
 * them.
 */
const METADATA_OF_DOCUMENTS = new Set(["_doc_count"]);

/** To the engine, `null` and lists of it are not values. */
function holdsSomething(value: unknown): boolean {
  return Array.isArray(value)
    ? value.some(holdsSomething)
    : value !== null && value !== undefined;
}

const NUMBER_TYPES = new Set([
  "long",
  "integer",
  "short",
  "byte",
  "double",
  "float",
  "half_float",
]);
const SCALAR_TYPES = new Set([...NUMBER_TYPES, "keyword", "text", "boolean"]);
const OBJECT_TYPES = new Set(["object", "nested"]);

function rejectionOfField(
  value: unknown,
  field: Source,
  scope: Scope,
): string | undefined {
  if (Array.isArray(value)) {
    for (const element of value) {
      const reason = rejectionOfField(element, field, scope);
      if (reason !== undefined) {
        return reason;
      }
    }
    return undefined;
  }
  const type = field.type ?? (field.properties ? "object" : undefined);
  if (value === null || value === undefined || typeof type !== "string") {
    return undefined;
  }
  if (OBJECT_TYPES.has(type)) {
    return rejectionOfObject(value, field, scope);
  }
  return SCALAR_TYPES.has(type)
    ? rejectionOfScalar(value, type, field, scope)
    : undefined;
}

function rejectionOfObject(
  value: unknown,
  field: Source,
  scope: Scope,
): string | undefined {
  if (field.enabled === false || field.subobjects !== undefined) {
    return undefined;
  }
  if (typeof value !== "object") {
    return `${scope.path}: the mapping requires an object`;
  }
  const strict =
    field.dynamic === undefined ? scope.strict : field.dynamic === "strict";
  return rejectionInObject(value as Source, field, { ...scope, strict });
}

function rejectionOfScalar(
  value: unknown,
  type: string,
  field: Source,
  scope: Scope,
): string | undefined {
  const isStored = field.index !== false || field.doc_values !== false;
  const toleratesMalformed =
    field.ignore_malformed === undefined
      ? scope.ignoreMalformed
      : field.ignore_malformed !== false && field.ignore_malformed !== "false";
  if (field.script !== undefined || !isStored || toleratesMalformed) {
    return undefined;
  }
  if (_.isPlainObject(value)) {
    return `${scope.path}: the mapping requires a value of type ${type}`;
  }
  if (NUMBER_TYPES.has(type) && typeof value === "string" && isWord(value)) {
    return `${scope.path}: the mapping requires a number`;
  }
  return undefined;
}

/** Only letters, and none of the names that Java parses as numbers. */
function isWord(text: string): boolean {
  return /^[A-Za-z]+$/.test(text) && text !== "NaN" && text !== "Infinity";
}

function asObject(value: unknown): Source {
  return _.isPlainObject(value) ? (value as Source) : {};
}
