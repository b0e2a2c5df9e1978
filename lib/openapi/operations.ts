import { OPERATIONS } from "../core/validation/writeInput";
import type { OperationName } from "../types";
import {
  documentId,
  failure,
  optionalId,
  versions,
  writeError,
} from "./documents";
import {
  anyObject,
  anything,
  count,
  flag,
  list,
  object,
  record,
  text,
  type Schema,
} from "./schema";

const collection = { type: "string", minLength: 1 };

const condition = {
  ifSeqNo: count,
  ifPrimaryTerm: { type: "integer", minimum: 1 },
};

const together = {
  dependentRequired: {
    ifSeqNo: ["ifPrimaryTerm"],
    ifPrimaryTerm: ["ifSeqNo"],
  },
};

/** The content parsed or as text. */
function withContent(properties: Schema, required: readonly string[]): Schema {
  return {
    ...object(
      { collection, body: anyObject, json: text, ...properties },
      required,
    ),
    oneOf: [{ required: ["body"] }, { required: ["json"] }],
    ...together,
  };
}

const BY_OPERATION: Readonly<Record<OperationName, Schema>> = {
  create: withContent({ _id: optionalId }, []),
  createOrReplace: withContent({ _id: optionalId, ...condition }, []),
  replace: withContent({ _id: documentId, ...condition }, ["_id"]),
  write: withContent({ _id: optionalId, ifAbsent: flag, ...condition }, []),
  update: withContent({ _id: documentId, ...condition }, ["_id"]),
  upsert: {
    ...object(
      {
        collection,
        _id: documentId,
        changes: anyObject,
        json: text,
        default: anyObject,
        defaultJson: text,
      },
      ["_id"],
    ),
    oneOf: [{ required: ["changes"] }, { required: ["json"] }],
  },
  delete: {
    ...object({ collection, _id: documentId, ...condition }, ["_id"]),
    ...together,
  },
};

/** `operations`: each has one key, which says what is to be done. */
export const askedOperations = object(
  {
    operations: list({
      ...object(BY_OPERATION),
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    }),
  },
  ["operations"],
);

const op = { type: "string", enum: [...OPERATIONS] };

export const operationResult = record(
  {
    position: count,
    op,
    collection: text,
    _id: text,
    status: { type: "integer" },
    result: text,
    ...versions,
    attempts: count,
  },
  { _source: anyObject, json: text },
);

/** `op` and `collection` are left out where the request does not name them. */
export const operationError = record(
  {
    document: (writeError.properties as Schema).document,
    ...failure,
  },
  { op, collection: anything },
);
