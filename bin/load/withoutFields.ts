import { membersOf } from "../../lib/core/validation/jsonObject";

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
  if (!isChanged) return text;
  const kept = Array.from(
    members,
    ([name, value]) => `${JSON.stringify(name)}:${value}`,
  );
  return `{${kept.join(",")}}`;
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

/** The texts of the elements of a list. @param text a list, well formed */
function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === "[" || token === "{") depth += 1;
    if (token === "]" || token === "}") depth -= 1;
    const isEnd = depth === 0;
    if (!isEnd && !(depth === 1 && token === ",")) continue;
    const element = text.slice(start, index).trim();
    if (element !== "") elements.push(element);
    start = index + 1;
  }
  return elements;
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]/g;
