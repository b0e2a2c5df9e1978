import type { ActionDescription } from "./describe";
import { documentId, getError, shards, writeError } from "./documents";
import { jsonResponse, type Response } from "./responses";
import {
  anyObject,
  anything,
  count,
  list,
  nullable,
  object,
  record,
  text,
  type Schema,
} from "./schema";

/** The actions of the compatibility APIs, by controller and action. */
export const COMPATIBILITY_ACTIONS = {
  "batch/v1:mGet": {
    summary: "Get documents (Kuzzle 1 API)",
    description: "document:mGet with the request and response of Kuzzle 1.",
    arguments: [],
    body: object({ ids: { ...list(documentId), minItems: 1 } }, ["ids"]),
    answers: v1Answers(
      record({
        ...v1Place(),
        _source: anyObject,
        _meta: storedMeta(),
        found: { type: "boolean", enum: [true] },
      }),
      getError,
    ),
    errors: [
      "batch.request.missing",
      "batch.request.invalid",
      "batch.request.too_many_invalid",
      "batch.get.too_many_lookups",
      "batch.engine.unavailable",
      "batch.pipe.invalid",
    ],
  },
  "batch/v1:mUpdate": {
    summary: "Update documents (Kuzzle 1 API)",
    description: "document:mUpdate with the request and response of Kuzzle 1.",
    arguments: ["refresh", "retryOnConflict"],
    body: object(
      {
        documents: list(
          object({ _id: documentId, body: anyObject }, ["_id", "body"]),
        ),
      },
      ["documents"],
    ),
    answers: v1Answers(
      record({ ...v1Place(), _shards: shards, result: text }),
      writeError,
      { refresh: anything, retryOnConflict: count },
    ),
    errors: [
      "batch.request.missing",
      "batch.request.invalid",
      "batch.request.too_many_invalid",
      "batch.engine.unavailable",
      "batch.pipe.invalid",
    ],
  },
  "batch/documents:batchGet": {
    summary: "Get documents (Mixpeek API)",
    description:
      "Gets documents by id with the request and response of Mixpeek.",
    arguments: ["xNamespace", "namespace"],
    body: object(
      {
        document_ids: { ...list(documentId), minItems: 1, maxItems: 1000 },
        return_presigned_urls: { type: "boolean", default: false },
      },
      ["document_ids"],
    ),
    answers: {
      200: jsonResponse(
        "The documents that exist, and the ids of those that do not.",
        record({ documents: list(mixpeekDocument()), not_found: list(text) }),
      ),
    },
    errors: [
      "batch.request.missing",
      "batch.request.invalid",
      "batch.request.too_many_invalid",
      "batch.get.too_many_lookups",
      "batch.documents.incomplete",
      "batch.documents.forbidden",
      "batch.documents.signing_failed",
      "batch.response.too_large",
      "batch.engine.unavailable",
      "batch.pipe.invalid",
    ],
    errorEntry: getError,
  },
} as const satisfies Record<string, ActionDescription>;

/** All documents, or some of them and the reasons for the others: 200 and 206. */
function v1Answers(
  hit: Schema,
  entry: Schema,
  echoed: Schema = {},
): Record<200 | 206, Response> {
  const answer = (status: 200 | 206, error: Schema): Schema =>
    record(
      {
        status: { type: "integer", enum: [status] },
        error,
        index: text,
        collection: text,
        action: text,
        controller: { type: "string", enum: ["document"] },
        requestId: text,
        result: record({ hits: list(hit), total: count }),
      },
      echoed,
    );
  const partial = record({
    status: { type: "integer", enum: [206] },
    message: text,
    count,
    errors: list(entry),
  });
  return {
    200: jsonResponse("All documents.", answer(200, { type: "null" })),
    206: jsonResponse(
      "Some of the documents; `error` says why the others failed.",
      answer(206, partial),
    ),
  };
}

function v1Place(): Schema {
  return { _id: text, _index: text, _type: text, _version: count };
}

/** Kuzzle's metadata of a document as stored, null for missing values. */
function storedMeta(): Schema {
  return record({
    active: anything,
    author: anything,
    createdAt: anything,
    deletedAt: anything,
    updatedAt: anything,
    updater: anything,
  });
}

/** The document's own fields are siblings of these. */
function mixpeekDocument(): Schema {
  return {
    ...record({
      document_id: text,
      collection_id: text,
      document_blobs: list(
        record({
          field: nullable("string"),
          url: nullable("string"),
          role: nullable("string"),
          type: nullable("string"),
          filename: nullable("string"),
          size_bytes: nullable("number"),
          content_type: nullable("string"),
          checksum: nullable("string"),
          created_at: nullable("string"),
          source_blob_id: nullable("string"),
          presigned_url: nullable("string"),
        }),
      ),
      _internal: mixpeekInternal(),
      _vectors: list(text),
    }),
    additionalProperties: true,
  };
}

/** As stored, in any form, except for the times; there may be more keys. */
function mixpeekInternal(): Schema {
  return {
    ...record({
      collection_id: anything,
      created_at: nullable("string"),
      document_id: anything,
      internal_id: anything,
      lineage: anything,
      metadata: anything,
      modality: anything,
      namespace_id: anything,
      updated_at: nullable("string"),
    }),
    additionalProperties: true,
  };
}
