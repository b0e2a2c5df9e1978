import type {
  DocumentVersion,
  Failure,
  FailureCode,
  FoundDocument,
  GetError,
  Shards,
  Stats,
  UpdatedDocument,
  WriteError,
  WrittenDocument,
} from "../types";
import {
  anyObject,
  anything,
  count,
  flag,
  list,
  nullable,
  object,
  record,
  recordOf,
  text,
  type ObjectSchema,
  type Schema,
} from "./schema";

/** The version properties that the engine gives a document. */
export const versions = {
  _version: count,
  _seq_no: count,
  _primary_term: count,
} satisfies Record<keyof DocumentVersion, Schema>;

export const shards = recordOf<Shards>(
  { total: count, successful: count, failed: count },
  {},
);

/** A document's content: parsed or, with the argument `json`, as text. */
export const content = { _source: anyObject, json: text };

export const foundDocument = recordOf<FoundDocument>(
  { _id: text, index: text, collection: text, ...versions },
  content,
);

export const writtenDocument = recordOf<WrittenDocument>(
  { _id: text, ...versions, created: flag, position: count },
  content,
);

export const updatedDocument = recordOf<UpdatedDocument>(
  {
    _id: text,
    ...versions,
    _shards: shards,
    result: text,
    attempts: count,
    position: count,
  },
  content,
);

/** All codes: the compiler reports one that is missing. */
export const FAILURE_CODES: Readonly<Record<FailureCode, true>> = {
  invalid: true,
  not_found: true,
  forbidden: true,
  version_conflict: true,
  mapping: true,
  rejected: true,
  unavailable: true,
  too_large: true,
  unknown_outcome: true,
  other: true,
};

/** Why an item failed; the other properties of an entry identify the item. */
export const failure = {
  position: count,
  status: { type: "integer" },
  code: { type: "string", enum: Object.keys(FAILURE_CODES) },
  reason: text,
  retryable: flag,
} satisfies Record<keyof Failure | "position", Schema>;

/** `_id` as requested: absent if there was none. */
export const getError = recordOf<
  Omit<GetError, "_id"> & Partial<Pick<GetError, "_id">>
>(failure, { _id: anything, collection: text });

/** For an action that applies the same operation to all documents of one collection. */
export const writeError = recordOf<Omit<WriteError, "op" | "collection">>(
  {
    document: object({ _id: anything, body: anything, json: anything }),
    ...failure,
  },
  {},
);

/** The counters that only some actions have. */
type Counter = "found" | "notFound" | "written" | "updated";

const STATS = {
  requested: count,
  unique: count,
  duplicates: count,
  errors: count,
  conflicts: count,
  retries: count,
  engineCalls: count,
  engineTookMs: count,
  queueMs: count,
  tookMs: count,
} satisfies Record<Exclude<keyof Stats, Counter | "replayed">, Schema>;

/** @param counters those that only some actions have */
export function stats(counters: readonly Counter[], optional?: Schema): Schema {
  const own = Object.fromEntries(counters.map((name) => [name, count]));
  return record({ ...own, ...STATS }, optional);
}

/** Marks the repetition of an earlier response. */
export const replayed = { replayed: { type: "boolean", enum: [true] } };

/** The engine accepts ids of 1 to 512 bytes. */
export const documentId = { type: "string", minLength: 1, maxLength: 512 };

/** If absent or null, the document is given an id. */
export const optionalId = {
  ...nullable("string"),
  minLength: 1,
  maxLength: 512,
};

/** The condition that a document has not changed since it was read. */
const condition = {
  ifSeqNo: count,
  ifPrimaryTerm: { type: "integer", minimum: 1 },
};

/**
 * What identifies a document, in addition to its collection and content, by operation.
 */
export const TARGETS = {
  create: { _id: optionalId },
  createOrReplace: { _id: optionalId, ...condition },
  replace: { _id: documentId, ...condition },
  write: { _id: optionalId, ifAbsent: flag, ...condition },
  update: { _id: documentId, ...condition },
  delete: { _id: documentId, ...condition },
} as const;

/** Requires both parts of the condition or none. */
export const together = {
  dependentRequired: {
    ifSeqNo: ["ifPrimaryTerm"],
    ifPrimaryTerm: ["ifSeqNo"],
  },
};

/** A document with its content, either parsed or as text. */
export function withContent<Name extends string, Required extends Name = never>(
  properties: Readonly<Record<Name, unknown>>,
  required: readonly Required[] = [],
): ObjectSchema<Name | "body" | "json", Required> {
  return {
    ...object<Name | "body" | "json", Required>(
      { ...properties, body: anyObject, json: text },
      required,
    ),
    oneOf: [{ required: ["body"] }, { required: ["json"] }],
    ...together,
  };
}

/** The `documents` of a write or an update. */
export function inputDocuments(document: Schema): Schema {
  return object({ documents: list(document) }, ["documents"]);
}

/** An atomic batch that was committed. */
export const committed = record({
  state: { type: "string", enum: ["committed"] },
  journalId: text,
});

export function writeResult(
  success: Schema,
  counter: "written" | "updated",
  optional?: Schema,
): Schema {
  return record(
    {
      successes: list(success),
      errors: list(writeError),
      stats: stats([counter], replayed),
    },
    optional,
  );
}
