import {
  elementsOf,
  membersOf,
  objectOf,
} from "../../lib/core/validation/jsonObject";

/**
 * A document without some of its fields; the rest keeps its text. As Elasticsearch
 * addresses fields: `a.b` is the field `b` of the object `a`, or of each object in the
 * list `a`, and also one whose name has the dot in it.
 *
 * @param text an object, well formed
 * @param paths of fields, as `address.city`
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
