import type { ErrorId } from "../errors";
import type { Address, ServerLimits } from "../types";
import type { ActionDescription } from "./describe";
import { askedOperations, operationError, operationResult } from "./operations";
import {
  inputDocuments,
  committed,
  documentId,
  foundDocument,
  getError,
  replayed,
  stats,
  updatedDocument,
  writeError,
  writeResult,
  writtenDocument,
  withContent,
  TARGETS,
} from "./documents";
import { enveloped, jsonResponse } from "./responses";
import {
  anything,
  count,
  list,
  object,
  record,
  recordOf,
  text,
} from "./schema";

const BAD_REQUEST = [
  "batch.request.missing",
  "batch.request.invalid",
  "batch.request.too_many_invalid",
] as const satisfies ErrorId[];

const ENGINE = [
  "batch.engine.unavailable",
  "batch.pipe.invalid",
] as const satisfies ErrorId[];

const IDEMPOTENCY = [
  "batch.idempotency.mismatch",
  "batch.idempotency.in_progress",
  "batch.idempotency.abandoned",
  "batch.idempotency.lost",
  "batch.idempotency.unavailable",
] as const satisfies ErrorId[];

/** The errors of actions that can be atomic. */
const WRITE = [
  ...BAD_REQUEST,
  "batch.write.refused",
  "batch.write.incomplete",
  "batch.write.too_large",
  "batch.write.rolled_back",
  "batch.write.rollback_incomplete",
  "batch.write.outcome_unknown",
  ...IDEMPOTENCY,
  ...ENGINE,
] as const satisfies ErrorId[];

const EACH_DOCUMENT = "The outcome of each document.";

export type ActionName = keyof typeof ACTIONS;

/** The actions of the controller `batch`. */
export const ACTIONS = {
  batchGet: {
    summary: "Get documents",
    description:
      "Gets documents of one index; found, missing and failed ones are in separate lists.",
    arguments: ["source", "sourceExcludes", "json", "strict", "format"],
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
        description: `${EACH_DOCUMENT} As \`ndjson\`: one line of JSON with a \`type\` per document, and a last line with the stats.`,
        content: {
          "application/json": {
            schema: enveloped(
              record({
                documents: list(foundDocument),
                not_found: list({
                  oneOf: [
                    text,
                    recordOf<Address>({ collection: text, _id: text }, {}),
                  ],
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
      "Creates or replaces documents without adding metadata; with strict, invalid documents stop the batch before anything is written.",
    arguments: [
      "refresh",
      "notify",
      "withSource",
      "json",
      "strict",
      "atomic",
      "idempotencyKey",
    ],
    body: inputDocuments(withContent(TARGETS.write)),
    answers: {
      200: jsonResponse(
        EACH_DOCUMENT,
        enveloped(
          writeResult(writtenDocument, "written", { atomic: committed }),
        ),
      ),
    },
    errors: WRITE,
    errorEntry: writeError,
  },
  mUpdate: {
    summary: "Update documents",
    description:
      "Updates some fields of each document and reports the outcome of each.",
    arguments: [
      "refresh",
      "retryOnConflict",
      "silent",
      "withSource",
      "json",
      "strict",
      "idempotencyKey",
    ],
    body: inputDocuments(withContent(TARGETS.update, ["_id"])),
    answers: {
      200: jsonResponse(
        EACH_DOCUMENT,
        enveloped(writeResult(updatedDocument, "updated")),
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
  batchWrite: {
    summary: "Write any mixture of operations",
    description:
      "Creates, replaces, updates and deletes documents of the collections of one index; operations on one document are applied in order.",
    arguments: [
      "refresh",
      "silent",
      "withSource",
      "json",
      "strict",
      "atomic",
      "retryOnConflict",
      "idempotencyKey",
    ],
    body: askedOperations,
    answers: {
      200: jsonResponse(
        "The outcome of each operation.",
        enveloped(
          record(
            {
              results: list(operationResult),
              errors: list(operationError),
              stats: stats(["written"], replayed),
            },
            { atomic: committed },
          ),
        ),
      ),
    },
    errors: WRITE,
    errorEntry: operationError,
  },
  limits: {
    summary: "Get the limits of requests",
    description:
      "How large requests and responses may be on this server: clients split their requests accordingly.",
    arguments: [],
    body: object({}),
    answers: {
      200: jsonResponse(
        "The limits, in bytes and in documents.",
        enveloped(
          recordOf<ServerLimits>(
            {
              maxRequestBytes: count,
              documentsFetchCount: count,
              documentsWriteCount: count,
              maxLookups: count,
              maxResponseBytes: count,
              atomicMaxDocuments: count,
              atomicMaxBytes: count,
            },
            {},
          ),
        ),
      ),
    },
    errors: [],
  },
  metrics: {
    summary: "Get metrics for Prometheus",
    description: "The metrics of this node, as text for Prometheus.",
    arguments: [],
    body: object({}),
    answers: {
      200: {
        description: "The metrics of this node, as text for Prometheus.",
        content: { "text/plain": { schema: text } },
      },
    },
    errors: [],
  },
} as const satisfies Record<string, ActionDescription>;
