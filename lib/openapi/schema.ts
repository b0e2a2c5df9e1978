/** JSON Schema as OpenAPI 3.1, which is Kuzzle's, has it. */
export type Schema = Record<string, unknown>;

export const text = { type: "string" };
export const flag = { type: "boolean" };
export const count = { type: "integer", minimum: 0 };

/** Whatever the documents of a collection are. */
export const anyObject = {
  type: "object",
  properties: {},
  additionalProperties: true,
};

/** As somebody sent or stored it: of any type. */
export const anything = {};

export function object(
  properties: Schema,
  required: readonly string[] = [],
): Schema {
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
  };
}

/** An object that has each of these properties. */
export function record(properties: Schema, optional: Schema = {}): Schema {
  return object({ ...properties, ...optional }, Object.keys(properties));
}

export function list(items: Schema): Schema {
  return { type: "array", items };
}

export function nullable(type: string): Schema {
  return { type: [type, "null"] };
}
