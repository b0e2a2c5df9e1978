/**
 * The description from which requests are generated: what `server:openapi` serves for the
 * plugin's routes, with stricter responses, and with narrower requests, so that most of
 * them reach something.
 */
import _ from "lodash";

import {
  rootWith,
  type OpenApiDocument,
  type Operation,
  type Paths,
} from "../../../scripts/checks/openapi";

/** The existing values, by the name of a parameter or of a body's list. */
export interface Known {
  readonly indexes: readonly string[];
  readonly collections: readonly string[];
  readonly ids: readonly string[];
  /** what the mappings accept */
  readonly body: object;
}

/**
 * @param leftOut parameters that are not sent: a key that is repeated with a different
 *   request is rejected, whatever the rest is
 */
export function narrowed(
  paths: Paths,
  known: Known,
  leftOut: readonly string[],
): OpenApiDocument {
  return rootWith(
    _.mapValues(paths, (operations) =>
      _.mapValues(operations, (operation) => ({
        ...operation,
        parameters: operation.parameters
          .filter(({ name }) => !leftOut.includes(name))
          .map((each) => knownPlaces(each, known)),
        requestBody: knownDocuments(operation.requestBody, known),
        responses: closed(operation.responses) as Operation["responses"],
      })),
    ),
  );
}

type Parameter = Operation["parameters"][number];

function knownPlaces(
  parameter: Parameter,
  { indexes, collections }: Known,
): Parameter {
  const places: Record<string, readonly string[]> = {
    index: indexes,
    namespace: indexes,
    "X-Namespace": indexes,
    collection: collections,
  };
  const names = places[parameter.name];
  return names === undefined
    ? parameter
    : { ...parameter, schema: { type: "string", enum: names } };
}

/** Half of the ids and bodies are of documents that exist, or may exist. */
function knownDocuments(
  requestBody: Operation["requestBody"],
  { ids, body }: Known,
): Operation["requestBody"] {
  const copy = _.cloneDeep(requestBody);
  const { properties } = copy.content["application/json"]!.schema;
  const id = { type: "string", enum: ids };
  for (const [place, known] of [
    ["ids.items", id],
    ["document_ids.items", id],
    ["documents.items.properties._id", id],
    ["documents.items.properties.body", body],
  ] as const) {
    const schema: unknown = _.get(properties, place);
    if (schema !== undefined) {
      _.set(properties, place, { anyOf: [known, schema] });
    }
  }
  return copy;
}

/** An object whose properties are listed has no others. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(closed);
  }
  if (!_.isPlainObject(schema)) {
    return schema;
  }
  const inner = _.mapValues(schema as object, closed) as Record<
    string,
    unknown
  >;
  return inner.type === "object" &&
    _.isPlainObject(inner.properties) &&
    inner.additionalProperties === undefined
    ? { ...inner, additionalProperties: false }
    : inner;
}
