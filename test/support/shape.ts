/** Types by name, alternatives separated by a bar: `integer|null`. */
export type Shape =
  string | readonly Shape[] | { readonly [key: string]: Shape };

/** A key that stands for any others. */
const MORE = "…";

/**
 * The differences between a value and a shape: a missing key, an extra key, a wrong type.
 * The entries of a list share one shape; an empty list has none.
 */
export function shapeProblems(
  value: unknown,
  shape: Shape,
  place = "it",
): string[] {
  if (typeof shape === "string") {
    return shape.split("|").some((type) => isOfType(value, type))
      ? []
      : [`${place} is ${JSON.stringify(value)}, and no ${shape}`];
  }
  if (isList(shape)) {
    return Array.isArray(value)
      ? listProblems(value, shape, place)
      : [`${place} is no list`];
  }
  if (!isOfType(value, "object")) {
    return [`${place} is ${JSON.stringify(value)}, and no object`];
  }
  const actual = value as Record<string, unknown>;
  const known = Object.keys(shape).filter((key) => key !== MORE);
  const extra =
    MORE in shape
      ? []
      : Object.keys(actual).filter((key) => !known.includes(key));
  return [
    ...extra.map((key) => `${place}.${key} is too much`),
    ...known.flatMap((key) =>
      key in actual
        ? shapeProblems(actual[key], shape[key] as Shape, `${place}.${key}`)
        : [`${place}.${key} is missing`],
    ),
  ];
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

function listProblems(
  values: readonly unknown[],
  [shape]: readonly Shape[],
  place: string,
): string[] {
  return values.flatMap((value, i) =>
    shape === undefined
      ? [`${place}[${i}] is too much`]
      : shapeProblems(value, shape, `${place}[${i}]`),
  );
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "object":
      return (
        typeof value === "object" && value !== null && !Array.isArray(value)
      );
    default:
      return typeof value === type;
  }
}
