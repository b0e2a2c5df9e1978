import type { Schema } from "./schema";

export interface ArgumentDescription {
  /** the query, unless told otherwise */
  readonly in?: "header";
  readonly name?: string;
  readonly description: string;
  readonly schema: Schema;
}

export type ArgumentName = keyof typeof ARGUMENTS;

/** Names with commas between them, or a JSON array of names. */
const FIELDS = "^[^,\\[][^,]*(,[^,]+)*$|^\\[.+\\]$";

/** What the actions take beside the body and the parts of the path. */
export const ARGUMENTS = {
  source: {
    description:
      "true, false, or a list of fields (with commas, or a JSON array; `*` allowed)",
    schema: { type: "string", pattern: `^$|${FIELDS}` },
  },
  sourceExcludes: {
    description: "fields to leave out of the sources",
    schema: { type: "string", pattern: FIELDS },
  },
  format: {
    description: "`ndjson` streams the answer as lines; HTTP only",
    schema: { type: "string", enum: ["json", "ndjson"], default: "json" },
  },
  strict: {
    description: "an error when not every document is dealt with",
    schema: { type: "boolean", default: false },
  },
  idempotencyKey: {
    description:
      "the same key and request are executed once; needs a user (or the header Idempotency-Key)",
    schema: { type: "string", minLength: 1, maxLength: 255 },
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
    schema: { type: "string", minLength: 1 },
  },
  xNamespace: {
    in: "header",
    name: "X-Namespace",
    description: "the Kuzzle index",
    schema: { type: "string" },
  },
} as const satisfies Record<string, ArgumentDescription>;

/** The parameters of an operation: the parts of its path, then its arguments. */
export function parametersOf(
  path: string,
  names: readonly ArgumentName[],
): Schema[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    in: "path",
    name,
    description: `the ${name}'s name`,
    required: true,
    schema: { type: "string", minLength: 1 },
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
  return [...inPath, ...named];
}
