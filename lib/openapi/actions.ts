import type { ErrorId } from "../errors";
import type { ActionDescription } from "./describe";
import {
  askedDocuments,
  documentId,
  getError,
  optionalId,
  shards,
  stats,
  versions,
  writeError,
  writeResult,
} from "./documents";
import { enveloped, jsonResponse } from "./responses";
import {
  anyObject,
  anything,
  count,
  flag,
  list,
  object,
  record,
  text,
} from "./schema";

const BAD_REQUEST = [
  "batch.request.missing",
  "batch.request.invalid",
] as const satisfies ErrorId[];

const ENGINE = [
  "batch.engine.unavailable",
  "batch.pipe.invalid",
] as const satisfies ErrorId[];

const IDEMPOTENCY = [
  "batch.idempotency.mismatch",
  "batch.idempotency.in_progress",
  "batch.idempotency.abandoned",
] as const satisfies ErrorId[];

const EACH_DOCUMENT = "What became of each document.";

export type ActionName = keyof typeof ACTIONS;

/** The actions of the controller `batch`. */
export const ACTIONS = {
  batchGet: {
    summary: "Get documents",
    description:
      "Gets documents of one index and tells found from not found from failed.",
    arguments: ["source", "sourceExcludes", "strict", "format"],
    body: {
      ...object({
        ids: { ...list(documentId), minItems: 1 },
        documents: {
          ...list(
            object(
              { _id: documentId, collection: { type: "string", minLength: 1 } },
              ["_id"],
            ),
          ),
          minItems: 1,
        },
      }),
      oneOf: [{ required: ["ids"] }, { required: ["documents"] }],
    },
    answers: {
      200: {
        description: `${EACH_DOCUMENT} As \`ndjson\`: a line of JSON for each, with its \`type\`, and one with the stats at the end.`,
        content: {
          "application/json": {
            schema: enveloped(
              record({
                documents: list(
                  record(
                    { _id: text, index: text, collection: text, ...versions },
                    { _source: anyObject },
                  ),
                ),
                not_found: list({
                  oneOf: [text, record({ collection: text, _id: text })],
                }),
                errors: list(getError),
                unprocessed: list(anything),
                stats: stats(["found", "notFound"]),
              }),
            ),
          },
          "application/x-ndjson": { schema: text },
        },
      },
    },
    errors: [
      ...BAD_REQUEST,
      "batch.request.conflict",
      "batch.get.incomplete",
      "batch.get.too_many_lookups",
      ...ENGINE,
    ],
    errorEntry: getError,
  },
  mWrite: {
    summary: "Write documents",
    description:
      "Creates or replaces documents as they are; strict stops before anything is written.",
    arguments: [
      "refresh",
      "notify",
      "withSource",
      "strict",
      "atomic",
      "idempotencyKey",
    ],
    body: askedDocuments({ _id: optionalId, ifAbsent: flag }, ["body"]),
    answers: {
      200: jsonResponse(
        EACH_DOCUMENT,
        enveloped(
          writeResult(
            record(
              { _id: text, ...versions, created: flag, position: count },
              { _source: anyObject },
            ),
            "written",
            {
              atomic: record({
                state: { type: "string", enum: ["committed"] },
                journalId: text,
              }),
            },
          ),
        ),
      ),
    },
    errors: [
      ...BAD_REQUEST,
      "batch.write.refused",
      "batch.write.incomplete",
      "batch.write.too_large",
      "batch.write.rolled_back",
      "batch.write.rollback_incomplete",
      "batch.write.outcome_unknown",
      ...IDEMPOTENCY,
      ...ENGINE,
    ],
    errorEntry: writeError,
  },
  mUpdate: {
    summary: "Update documents",
    description:
      "Updates documents in part and tells what happened to each of them.",
    arguments: [
      "refresh",
      "retryOnConflict",
      "silent",
      "withSource",
      "strict",
      "idempotencyKey",
    ],
    body: askedDocuments({ _id: documentId }, ["_id", "body"]),
    answers: {
      200: jsonResponse(
        EACH_DOCUMENT,
        enveloped(
          writeResult(
            record(
              {
                _id: text,
                ...versions,
                _shards: shards,
                result: text,
                attempts: count,
                position: count,
              },
              { _source: anyObject },
            ),
            "updated",
          ),
        ),
      ),
    },
    errors: [
      ...BAD_REQUEST,
      "batch.update.refused",
      "batch.update.incomplete",
      ...IDEMPOTENCY,
      ...ENGINE,
    ],
    errorEntry: writeError,
  },
  limits: {
    summary: "What a request may hold",
    description:
      "What a request and its answer may hold: clients cut their requests by it.",
    arguments: [],
    body: object({}),
    answers: {
      200: jsonResponse(
        "The limits, in bytes and in documents.",
        enveloped(
          record({
            maxRequestBytes: count,
            documentsFetchCount: count,
            documentsWriteCount: count,
            maxLookups: count,
            maxResponseBytes: count,
            atomicMaxDocuments: count,
            atomicMaxBytes: count,
          }),
        ),
      ),
    },
    errors: [],
  },
  metrics: {
    summary: "Metrics for Prometheus",
    description: "The counters of this node, as text for Prometheus.",
    arguments: [],
    body: object({}),
    answers: {
      200: {
        description: "The counters of this node, as text for Prometheus.",
        content: { "text/plain": { schema: text } },
      },
    },
    errors: [],
  },
} as const satisfies Record<string, ActionDescription>;
