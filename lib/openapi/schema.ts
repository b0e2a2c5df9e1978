/** JSON Schema as used by OpenAPI 3.1, Kuzzle's version. */
export type Schema = Record<string, unknown>;

export const text = { type: "string" };
export const flag = { type: "boolean" };
export const count = { type: "integer", minimum: 0 };

/** A document of a collection, with any properties. */
export const anyObject = {
  type: "object",
  properties: {},
  additionalProperties: true,
};

/** A value of any type, as it was sent or stored. */
export const anything = {};

/**
 * Its type includes the property names, so that the types of requests can be checked
 * against it.
 */
export type ObjectSchema<
  Name extends string,
  Required extends Name = never,
> = Schema & {
  readonly properties: Readonly<Record<Name, unknown>>;
  readonly required?: readonly Required[];
};

export function object<Name extends string, Required extends Name = never>(
  properties: Readonly<Record<Name, unknown>>,
  required: readonly Required[] = [],
): ObjectSchema<Name, Required> {
  return {
    type: "object",
    properties,
    ...(required.length > 0 && { required }),
  };
}

/** An object that requires each of these properties. */
export function record(properties: Schema, optional: Schema = {}): Schema {
  return object({ ...properties, ...optional }, Object.keys(properties));
}

type Optional<Answer extends object> = {
  [Name in keyof Answer]-?: object extends Pick<Answer, Name> ? Name : never;
}[keyof Answer];

/**
 * Describes a response type. Does not compile unless it has the same property names,
 * and requires those that the type requires.
 */
export function recordOf<Answer extends object>(
  properties: Readonly<
    Record<Exclude<keyof Answer, Optional<Answer>>, unknown>
  >,
  optional: Readonly<Record<Optional<Answer>, unknown>>,
): Schema {
  return record({ ...properties }, { ...optional });
}

export function list(items: Schema): Schema {
  return { type: "array", items };
}

export function nullable(type: string): Schema {
  return { type: [type, "null"] };
}
