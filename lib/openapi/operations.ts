import { OPERATIONS } from "../core/validation/writeInput";
import type { OperationName, OperationResult, WriteError } from "../types";
import {
  content,
  documentId,
  failure,
  TARGETS,
  together,
  versions,
  withContent,
} from "./documents";
import {
  anyObject,
  anything,
  count,
  list,
  object,
  recordOf,
  text,
  type Schema,
} from "./schema";

const collection = { type: "string", minLength: 1 };

/** The properties of each operation, by its name. */
export const OPERATION_SCHEMAS = {
  create: withContent({ collection, ...TARGETS.create }),
  createOrReplace: withContent({ collection, ...TARGETS.createOrReplace }),
  replace: withContent({ collection, ...TARGETS.replace }, ["_id"]),
  write: withContent({ collection, ...TARGETS.write }),
  update: withContent({ collection, ...TARGETS.update }, ["_id"]),
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
    ...object({ collection, ...TARGETS.delete }, ["_id"]),
    ...together,
  },
} satisfies Readonly<Record<OperationName, Schema>>;

/** `operations`: each has one key, which names the operation. */
export const askedOperations = object(
  {
    operations: list({
      ...object(OPERATION_SCHEMAS),
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    }),
  },
  ["operations"],
);

const op = { type: "string", enum: [...OPERATIONS] };

export const operationResult = recordOf<OperationResult>(
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
  content,
);

/** `op` and `collection` are absent if the request does not name them. */
export const operationError = recordOf<WriteError>(
  {
    document: object({
      _id: anything,
      body: anything,
      json: anything,
      changes: anything,
      default: anything,
      defaultJson: anything,
    }),
    ...failure,
  },
  { op, collection: anything },
);
