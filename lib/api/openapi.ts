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
} as const satisfies Record<
  string,
  { name?: string; description: string; schema: Schema }
>;

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
    arguments: ["refresh", "notify", "withSource", "strict"],
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
      stats: stats("written"),
    }),
  },
  mUpdate: {
    description:
      "Updates documents in part and tells what happened to each of them.",
    arguments: ["refresh", "retryOnConflict", "silent", "withSource", "strict"],
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
  metrics: {
    isText: true,
    description: "The counters of this node, as text for Prometheus.",
    arguments: [],
    body: object({}),
    result: object({ contentType: text, text }),
  },
} as const satisfies Record<string, ActionDescription>;

/** The OpenAPI operation of one route of an action. */
export function openapi(action: ActionName, path: string): Schema {
  const {
    isText = false,
    description,
    arguments: names,
    body,
    result,
  }: ActionDescription = ACTIONS[action];
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    in: "path",
    name,
    required: true,
    schema: text,
  }));
  const inQuery = names.map((key) => ({
    in: "query",
    name: key === "withSource" ? "source" : key,
    description: ARGUMENTS[key].description,
    required: false,
    schema: ARGUMENTS[key].schema,
  }));

  return structuredClone({
    description,
    parameters: [...inPath, ...inQuery],
    requestBody: { content: { "application/json": { schema: body } } },
    responses: {
      200: {
        description: isText ? description : "What became of each document.",
        content: isText
          ? { "text/plain": { schema: text } }
          : {
              "application/json": { schema: object({ status: count, result }) },
            },
      },
    },
  });
}
