import {
  elementsOf,
  membersOf,
  objectOf,
} from "../../lib/core/validation/jsonObject";

/**
 * A document without some of its fields; the rest keeps its text. Fields are addressed
 * as in Elasticsearch: `a.b` is the field `b` of the object `a`, or of each object in
 * the list `a`, and also a field with the dot in its name.
 *
 * @param text a well-formed object
 * @param paths of fields, such as `address.city`
 */
export function withoutFields(text: string, paths: readonly string[]): string {
  const members = membersOf(text);
  let isChanged = false;
  for (const [name, value] of members) {
    if (paths.includes(name)) {
      members.delete(name);
      isChanged = true;
      continue;
    }
    const inside = paths
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => path.slice(name.length + 1));
    if (inside.length === 0) continue;
    const rest = valueWithoutFields(value, inside);
    if (rest === value) continue;
    members.set(name, rest);
    isChanged = true;
  }
  return isChanged ? objectOf(members) : text;
}

function valueWithoutFields(value: string, paths: readonly string[]): string {
  if (value.startsWith("{")) return withoutFields(value, paths);
  if (!value.startsWith("[")) return value;
  const elements = elementsOf(value);
  const rest = elements.map((each) => valueWithoutFields(each, paths));
  return rest.every((each, i) => each === elements[i])
    ? value
    : `[${rest.join(",")}]`;
}
