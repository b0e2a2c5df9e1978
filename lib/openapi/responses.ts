import { ERRORS, type ErrorId } from "../errors";
import {
  anything,
  count,
  list,
  nullable,
  record,
  text,
  type Schema,
} from "./schema";

/** A response of an operation, as defined by OpenAPI. */
export interface Response {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

export function jsonResponse(description: string, schema: Schema): Response {
  return { description, content: { "application/json": { schema } } };
}

/** Kuzzle's envelope around the result of a successful action. */
export function enveloped(result: Schema): Schema {
  return envelope({ error: { type: "null" }, result });
}

/** Errors of Kuzzle itself, which any action may return. */
const OF_KUZZLE: Readonly<Record<number, string>> = {
  400: "the request could not be read",
  401: "nobody is logged in, or the token is not valid",
  403: "the user lacks a right",
  413: "the request is over one of the server's limits",
  429: "too many requests",
  500: "Kuzzle, or a pipe of the application, failed",
  503: "Kuzzle is overloaded, or Elasticsearch is unavailable",
};

/** Additional errors for actions on an index. */
const ON_AN_INDEX: Readonly<Record<number, string>> = {
  412: "the index, or the collection, does not exist",
};

/**
 * One response for each error status, listing the errors that may cause it.
 *
 * @param ids the plugin's own errors that the action throws
 * @param entry an entry of `error.errors`
 */
export function errorResponses(
  ids: readonly ErrorId[],
  entry: Schema | undefined,
): Record<number, Response> {
  const ofKuzzle = { ...OF_KUZZLE, ...(ids.length > 0 && ON_AN_INDEX) };
  const described: Record<number, string[]> = {};
  for (const id of ids) {
    for (const status of statusesOf(id)) {
      (described[status] ??= []).push(`\`${id}\``);
    }
  }
  for (const [status, what] of Object.entries(ofKuzzle)) {
    (described[Number(status)] ??= []).push(what);
  }
  return Object.fromEntries(
    Object.entries(described).map(([status, what]) => [
      status,
      jsonResponse(`${what.join("; ")}.`, errorSchema(Number(status), entry)),
    ]),
  );
}

/** One error has a second status, used when the engine was the cause. */
function statusesOf(id: ErrorId): number[] {
  const { status } = ERRORS[id];
  return id === "batch.write.rolled_back" ? [status, 503] : [status];
}

/**
 * A request that Kuzzle can't parse gets an error without an envelope, or with an
 * envelope but without id and code.
 */
function errorSchema(status: number, entry: Schema | undefined): Schema {
  const named = { id: text, code: count };
  const described = { message: text, status: constant(status) };
  const more = {
    props: list(anything),
    stack: text,
    ...(entry && { count, errors: list(entry) }),
  };
  const inEnvelope = (error: Schema): Schema =>
    envelope({ error, result: { type: "null" } }, status);

  return status === 400 || status === 413
    ? {
        anyOf: [
          inEnvelope(record(described, { ...named, ...more })),
          record({ ...named, ...described }, more),
        ],
      }
    : inEnvelope(record({ ...named, ...described }, more));
}

function envelope(content: Schema, status = 200): Schema {
  return record(
    { status: constant(status), ...content, requestId: text },
    {
      controller: nullable("string"),
      action: nullable("string"),
      index: nullable("string"),
      collection: nullable("string"),
      node: text,
      volatile: nullable("object"),
      headers: { type: "object" },
      deprecations: list({ type: "object" }),
    },
  );
}

function constant(status: number): Schema {
  return { type: "integer", enum: [status] };
}
