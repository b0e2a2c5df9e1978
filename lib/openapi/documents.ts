import {
  anyObject,
  anything,
  count,
  flag,
  list,
  nullable,
  object,
  record,
  text,
  type ObjectSchema,
  type Schema,
} from "./schema";

/** The engine's versions of a document. */
export const versions = {
  _version: count,
  _seq_no: count,
  _primary_term: count,
};

export const shards = record({
  total: count,
  successful: count,
  failed: count,
});

/** Why an item failed; the rest of an entry says which one it was. */
export const failure = {
  position: count,
  status: { type: "integer" },
  code: {
    type: "string",
    enum: [
      "invalid",
      "not_found",
      "forbidden",
      "version_conflict",
      "mapping",
      "rejected",
      "unavailable",
      "too_large",
      "unknown_outcome",
      "other",
    ],
  },
  reason: text,
  retryable: flag,
};

/** `_id` as it was asked: absent where there was none. */
export const getError = record(failure, { _id: anything, collection: text });

export const writeError = record({
  document: object({ _id: anything, body: anything, json: anything }),
  ...failure,
});

/** @param counters the names of the counters that this action has of its own */
export function stats(counters: readonly string[], optional?: Schema): Schema {
  const names = [
    "requested",
    "unique",
    "duplicates",
    ...counters,
    "errors",
    "conflicts",
    "retries",
    "engineCalls",
    "engineTookMs",
    "queueMs",
    "tookMs",
  ];
  return record(
    Object.fromEntries(names.map((name) => [name, count])),
    optional,
  );
}

/** The same answer came once before. */
export const replayed = { replayed: { type: "boolean", enum: [true] } };

/** An id that the engine takes has 1 to 512 bytes. */
export const documentId = { type: "string", minLength: 1, maxLength: 512 };

/** Left out or null: the document is given one. */
export const optionalId = {
  ...nullable("string"),
  minLength: 1,
  maxLength: 512,
};

/** That a document is still as it was seen. */
const condition = {
  ifSeqNo: count,
  ifPrimaryTerm: { type: "integer", minimum: 1 },
};

/** What identifies a document beside its collection and its content, by what is done. */
export const TARGETS = {
  create: { _id: optionalId },
  createOrReplace: { _id: optionalId, ...condition },
  replace: { _id: documentId, ...condition },
  write: { _id: optionalId, ifAbsent: flag, ...condition },
  update: { _id: documentId, ...condition },
  delete: { _id: documentId, ...condition },
} as const;

/** Both conditions or none. */
export const together = {
  dependentRequired: {
    ifSeqNo: ["ifPrimaryTerm"],
    ifPrimaryTerm: ["ifSeqNo"],
  },
};

/** A document with its content, parsed or as text. */
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

/** `documents` of a write or an update. */
export function inputDocuments(document: Schema): Schema {
  return object({ documents: list(document) }, ["documents"]);
}

/** An atomic batch that was written. */
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
