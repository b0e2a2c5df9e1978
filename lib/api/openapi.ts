/**
 * The one description of each action: what it takes and answers. Made anew for
 * each route, since Kuzzle's generator changes the object that it is given.
 */

type Schema = Record<string, unknown>;

export interface ActionDescription {
  /** `text/plain` instead of JSON */
  readonly isText?: boolean;
  readonly description: string;
  /** names of arguments in the query, in this order */
  readonly arguments: readonly (keyof typeof ARGUMENTS)[];
  readonly body: Schema;
  readonly result: Schema;
  /** the whole answer, where it is not Kuzzle's own envelope around `result` */
  readonly isBare?: boolean;
}

const ARGUMENTS = {
  source: {
    description:
      "true, false, or a list of fields (with commas, or a JSON array; `*` allowed)",
    schema: { type: "string" },
  },
  sourceExcludes: {
    description: "fields to leave out of the sources",
    schema: { type: "string" },
  },
  format: {
    description: "`ndjson` streams the answer as lines; HTTP only",
    schema: { type: "string", enum: ["ndjson"] },
  },
  strict: {
    description: "an error when not every document is dealt with",
    schema: { type: "boolean", default: false },
  },
  idempotencyKey: {
    description:
      "the same key and request are executed once; needs a user (or the header Idempotency-Key)",
    schema: { type: "string", maxLength: 255 },
  },
  atomic: {
    description: "all documents are written, or none is; implies strict",
    schema: { type: "boolean", default: false },
  },
  refresh: {
    description: "`wait_for`: answer when searches see the documents",
    schema: { type: "string", enum: ["wait_for", "false"], default: "false" },
  },
  notify: {
    description: "tell the collection's subscribers",
    schema: { type: "boolean", default: false },
  },
  silent: {
    description: "do not tell the collection's subscribers",
    schema: { type: "boolean", default: false },
  },
  withSource: {
    name: "source",
    description: "put the documents' sources into the answer",
    schema: { type: "boolean" },
  },
  retryOnConflict: {
    description:
      "how often a version conflict of a document is tried again; 0 means none",
    schema: { type: "integer", minimum: 0 },
  },
  namespace: {
    description: "the Kuzzle index, where there is no header `X-Namespace`",
    schema: { type: "string" },
  },
  xNamespace: {
    in: "header",
    name: "X-Namespace",
    description: "the Kuzzle index",
    schema: { type: "string" },
  },
} as const satisfies Record<string, ArgumentDescription>;

interface ArgumentDescription {
  /** the query, unless told otherwise */
  readonly in?: "header";
  readonly name?: string;
  readonly description: string;
  readonly schema: Schema;
}

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const anyObject = { type: "object", properties: {} };

function object(properties: Schema, required: string[] = []): Schema {
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
  };
}

function list(items: Schema): Schema {
  return { type: "array", items };
}

const failure = {
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
  retryable: { type: "boolean" },
};

const versions = { _version: count, _seq_no: count, _primary_term: count };
const condition = {
  ifSeqNo: count,
  ifPrimaryTerm: { type: "integer", minimum: 1 },
};

function stats(counter: string): Schema {
  const names = [
    "requested",
    "unique",
    "duplicates",
    ...counter.split(" "),
    "errors",
    "conflicts",
    "retries",
    "engineCalls",
    "engineTookMs",
    "queueMs",
    "tookMs",
  ];
  return object(Object.fromEntries(names.map((name) => [name, count])));
}

const writeErrors = list(
  object({ document: object({ _id: {}, body: {} }), ...failure }),
);

export type ActionName = keyof typeof ACTIONS;

export const ACTIONS = {
  batchGet: {
    description:
      "Gets documents of one index and tells found from not found from failed.",
    arguments: ["source", "sourceExcludes", "strict", "format"],
    body: object({
      ids: list(text),
      documents: list(object({ _id: text, collection: text }, ["_id"])),
    }),
    result: object({
      documents: list(
        object({
          _id: text,
          index: text,
          collection: text,
          _source: anyObject,
          ...versions,
        }),
      ),
      not_found: list({
        oneOf: [text, object({ collection: text, _id: text })],
      }),
      errors: list(object({ _id: {}, collection: text, ...failure })),
      unprocessed: list({}),
      stats: stats("found notFound"),
    }),
  },
  mWrite: {
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
    body: object(
      {
        documents: list(
          object(
            {
              _id: text,
              body: anyObject,
              ifAbsent: { type: "boolean" },
              ...condition,
            },
            ["body"],
          ),
        ),
      },
      ["documents"],
    ),
    result: object({
      successes: list(
        object({
          _id: text,
          _source: anyObject,
          ...versions,
          created: { type: "boolean" },
          position: count,
        }),
      ),
      errors: writeErrors,
      atomic: object({ state: text, journalId: text }),
      stats: stats("written"),
    }),
  },
  mUpdate: {
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
    body: object(
      {
        documents: list(
          object({ _id: text, body: anyObject, ...condition }, ["_id", "body"]),
        ),
      },
      ["documents"],
    ),
    result: object({
      successes: list(
        object({
          _id: text,
          ...versions,
          _shards: object({ total: count, successful: count, failed: count }),
          result: text,
          attempts: count,
          position: count,
          _source: anyObject,
        }),
      ),
      errors: writeErrors,
      stats: stats("updated"),
    }),
  },
  limits: {
    description:
      "What a request and its answer may hold: clients cut their requests by it.",
    arguments: [],
    body: object({}),
    result: object({
      maxRequestBytes: count,
      documentsFetchCount: count,
      documentsWriteCount: count,
      maxLookups: count,
      maxResponseBytes: count,
      atomicMaxDocuments: count,
      atomicMaxBytes: count,
    }),
  },
  metrics: {
    isText: true,
    description: "The counters of this node, as text for Prometheus.",
    arguments: [],
    body: object({}),
    result: object({ contentType: text, text }),
  },
} as const satisfies Record<string, ActionDescription>;

/** An action as a route of a controller names it. */
export type DescribedName = ActionName | keyof typeof DIALECTS;

const v1Answer = (hit: Schema, more: Schema = {}): Schema =>
  object({
    status: { type: "integer", enum: [200, 206] },
    error: {
      nullable: true,
      ...object({
        status: { type: "integer" },
        message: text,
        count,
        errors: list(object(failure)),
      }),
    },
    index: text,
    collection: text,
    action: text,
    ...more,
    controller: { type: "string", enum: ["document"] },
    requestId: text,
    result: object({ hits: list(hit), total: count }),
  });

const v1Place = { _id: text, _index: text, _type: text, _version: count };

const nullable = (type: string): Schema => ({ type, nullable: true });

/** The actions that speak as other APIs do, by controller and action. */
export const DIALECTS = {
  "batch/v1:mGet": {
    isBare: true,
    description: "document:mGet as Kuzzle 1 had it.",
    arguments: [],
    body: object({ ids: list(text) }, ["ids"]),
    result: v1Answer(
      object({
        ...v1Place,
        _source: anyObject,
        _meta: object({
          active: { type: "boolean" },
          author: nullable("string"),
          createdAt: nullable("integer"),
          deletedAt: nullable("integer"),
          updatedAt: nullable("integer"),
          updater: nullable("string"),
        }),
        found: { type: "boolean" },
      }),
    ),
  },
  "batch/v1:mUpdate": {
    isBare: true,
    description: "document:mUpdate as Kuzzle 1 had it.",
    arguments: ["refresh", "retryOnConflict"],
    body: object(
      {
        documents: list(
          object({ _id: text, body: anyObject }, ["_id", "body"]),
        ),
      },
      ["documents"],
    ),
    result: v1Answer(
      object({
        ...v1Place,
        _shards: object({ total: count, successful: count, failed: count }),
        result: text,
      }),
      { refresh: text, retryOnConflict: count },
    ),
  },
  "batch/documents:batchGet": {
    isBare: true,
    description: "Gets documents by their ids, as Mixpeek's API does.",
    arguments: ["xNamespace", "namespace"],
    body: object(
      {
        document_ids: { ...list(text), minItems: 1, maxItems: 1000 },
        return_presigned_urls: { type: "boolean", default: false },
      },
      ["document_ids"],
    ),
    result: object({
      documents: list(
        object({
          document_id: text,
          collection_id: text,
          document_blobs: list(
            object({
              field: nullable("string"),
              url: nullable("string"),
              role: nullable("string"),
              type: nullable("string"),
              filename: nullable("string"),
              size_bytes: nullable("integer"),
              content_type: nullable("string"),
              checksum: nullable("string"),
              created_at: nullable("string"),
              source_blob_id: nullable("string"),
              presigned_url: nullable("string"),
            }),
          ),
          _internal: anyObject,
          _vectors: list(text),
        }),
      ),
      not_found: list(text),
    }),
  },
} as const satisfies Record<string, ActionDescription>;

export interface DescribedRoute {
  readonly verb: "get" | "post" | "put";
  readonly path: string;
  readonly openapi: object;
}

export function route(
  action: DescribedName,
  verb: DescribedRoute["verb"],
  path: string,
): DescribedRoute {
  return { verb, path, openapi: openapi(action, path) };
}

/** The OpenAPI operation of one route of an action. */
export function openapi(action: DescribedName, path: string): Schema {
  const {
    isText = false,
    isBare = false,
    description,
    arguments: names,
    body,
    result,
  }: ActionDescription = { ...ACTIONS, ...DIALECTS }[action];
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    in: "path",
    name,
    required: true,
    schema: text,
  }));
  const named = names.map((key) => {
    const argument: ArgumentDescription = ARGUMENTS[key];
    return {
      in: argument.in ?? "query",
      name: argument.name ?? key,
      description: argument.description,
      required: false,
      schema: argument.schema,
    };
  });

  return structuredClone({
    description,
    parameters: [...inPath, ...named],
    requestBody: { content: { "application/json": { schema: body } } },
    responses: {
      200: {
        description: isText ? description : "What became of each document.",
        content: isText
          ? { "text/plain": { schema: text } }
          : {
              "application/json": {
                schema: isBare ? result : object({ status: count, result }),
              },
            },
      },
    },
  });
}
