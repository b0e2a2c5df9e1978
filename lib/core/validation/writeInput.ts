import type { OperationName, WriteInput } from "../../types";
import { RawSource } from "../RawSource";
import type { AskedWrite, WriteDocument } from "../commands";
import { isObject, isTooDeep } from "./items";

/**
 * A bulk needs each document on one line. In JSON, line breaks only occur outside of
 * strings, where they are mere white space.
 */
export function toRawSource(json: string): RawSource {
  const text = json.trim();
  const hasLines = text.includes("\n") || text.includes("\r");
  return RawSource.ofText(hasLines ? text.replace(/[\r\n]/g, " ") : text);
}

/**
 * A document as the caller sent it, whatever it is, without what is too deep to be
 * returned.
 */
export function askedDocument(entry: unknown): WriteInput {
  if (!isObject(entry)) {
    return { _id: undefined, body: tellable(entry) };
  }
  const { _id, body, json } = entry;
  return {
    _id: tellable(_id),
    ...((body !== undefined || json === undefined) && { body: tellable(body) }),
    ...(json !== undefined && { json: tellable(json) }),
  };
}

/** The keys by which an entry of `operations` may name its kind of operation. */
export const OPERATIONS: readonly OperationName[] = [
  "create",
  "createOrReplace",
  "replace",
  "write",
  "update",
  "upsert",
  "delete",
];

const NAMES: ReadonlySet<string> = new Set(OPERATIONS);

/** @returns undefined unless the entry has one key, which is an operation */
export function operationOf(
  entry: unknown,
): { op: OperationName; asked: unknown } | undefined {
  if (!isObject(entry)) {
    return undefined;
  }
  const keys = Object.keys(entry);
  const op = keys[0] as OperationName;
  return keys.length === 1 && NAMES.has(op)
    ? { op, asked: entry[op] }
    : undefined;
}

/** Like `askedDocument`, for an operation. */
export function askedOperation(
  entry: unknown,
  defaultCollection: string | undefined,
): AskedWrite {
  const operation = operationOf(entry);
  if (operation === undefined || !isObject(operation.asked)) {
    return {
      ...(operation && { op: operation.op }),
      document: { _id: undefined, body: tellable(entry) },
    };
  }
  const { op, asked } = operation;
  const { collection = defaultCollection, _id } = asked;
  const contents = ["body", "json", "changes", "default", "defaultJson"];
  return {
    op,
    collection: tellable(collection),
    document: {
      _id: tellable(_id),
      ...Object.fromEntries(
        contents
          .filter((name) => asked[name] !== undefined)
          .map((name) => [name, tellable(asked[name])]),
      ),
    },
  };
}

function tellable(value: unknown): unknown {
  return isTooDeep(value) ? undefined : value;
}

/** A well-formed document, as the caller sent it. */
export function inputOf({
  op,
  collection,
  _id,
  body,
  defaults,
}: WriteDocument): AskedWrite {
  const isText = body instanceof RawSource;
  switch (op) {
    case "delete":
      return { op, collection, document: { _id } };
    case "upsert":
      return {
        op,
        collection,
        document: {
          _id,
          ...(isText ? { json: body.toString() } : { changes: body }),
          ...(defaults instanceof RawSource
            ? { defaultJson: defaults.toString() }
            : defaults && { default: defaults }),
        },
      };
    default:
      return {
        op,
        collection,
        document: isText ? { _id, json: body.toString() } : { _id, body },
      };
  }
}
