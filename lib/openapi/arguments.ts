import type { Schema } from "./schema";

export interface ArgumentDescription {
  /** default: query */
  readonly in?: "header";
  readonly name?: string;
  readonly description: string;
  readonly schema: Schema;
}

export type ArgumentName = keyof typeof ARGUMENTS;

/** Names separated by commas, or a JSON array of names. */
const FIELDS = "^[^,\\[][^,]*(,[^,]+)*$|^\\[.+\\]$";

/** The arguments of the actions, except the body and the path parameters. */
export const ARGUMENTS = {
  source: {
    description:
      "true, false, or a list of fields: separated by commas, or a JSON array; `*` is a wildcard",
    schema: { type: "string", pattern: `^$|${FIELDS}` },
  },
  sourceExcludes: {
    description: "fields to leave out of the documents",
    schema: { type: "string", pattern: FIELDS },
  },
  json: {
    description:
      "return documents as JSON text, in `json` instead of `_source`, so that no parser rounds their numbers",
    schema: { type: "boolean", default: false },
  },
  format: {
    description: "`ndjson` streams the response line by line; HTTP only",
    schema: { type: "string", enum: ["json", "ndjson"], default: "json" },
  },
  strict: {
    description: "fail unless every document can be processed",
    schema: { type: "boolean", default: false },
  },
  idempotencyKey: {
    description:
      "execute the same request with this key only once; for logged-in users (also as header Idempotency-Key)",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  },
  atomic: {
    description: "write all documents or none; implies strict",
    schema: { type: "boolean", default: false },
  },
  refresh: {
    description: "`wait_for`: respond once searches find the documents",
    schema: { type: "string", enum: ["wait_for", "false"], default: "false" },
  },
  notify: {
    description: "notify the collection's subscribers",
    schema: { type: "boolean", default: false },
  },
  silent: {
    description: "do not notify the collection's subscribers",
    schema: { type: "boolean", default: false },
  },
  withSource: {
    name: "source",
    description: "include the documents' content in the response",
    schema: { type: "boolean" },
  },
  retryOnConflict: {
    description:
      "how often to retry a document after a version conflict; 0 means never",
    schema: { type: "integer", minimum: 0 },
  },
  namespace: {
    description: "the Kuzzle index, unless the header `X-Namespace` names it",
    schema: { type: "string", minLength: 1 },
  },
  xNamespace: {
    in: "header",
    name: "X-Namespace",
    description: "the Kuzzle index",
    schema: { type: "string" },
  },
} as const satisfies Record<string, ArgumentDescription>;

/** The parameters of an operation: those of its path, then its arguments. */
export function parametersOf(
  path: string,
  names: readonly ArgumentName[],
): Schema[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    in: "path",
    name,
    description: `name of the ${name}`,
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
