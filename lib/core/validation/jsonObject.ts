import { JsonError, JsonScanner, type JsonRules } from "./JsonScanner";

/**
 * Works on JSON as text, without creating its values: what is only passed on need not
 * be parsed, and numbers may not survive parsing. The grammar is exactly that of RFC
 * 8259, since a text that an engine reads differently could spoil a whole bulk.
 */

/**
 * Checks a text in one pass.
 *
 * @returns what is wrong with it, as a clause; undefined if nothing is
 */
export function findJsonError(
  text: string,
  rules: JsonRules,
): string | undefined {
  try {
    new JsonScanner(text, rules).readDocument();
    return undefined;
  } catch (error) {
    if (error instanceof JsonError) {
      return error.message;
    }
    throw error;
  }
}

/**
 * Removes the members of this name from an object and leaves the others as they are.
 *
 * @param text a well-formed object
 */
export function withoutMember(text: string, name: string): string {
  if (!mayHold(text, name)) {
    return text;
  }
  const kept: string[] = [];
  let isThere = false;
  new JsonScanner(text, ANY, (start, nameEnd, end) => {
    if (JSON.parse(text.slice(start, nameEnd)) === name) {
      isThere = true;
    } else {
      kept.push(text.slice(start, end));
    }
  }).readDocument();
  return isThere ? `{${kept.join(",")}}` : text;
}

/**
 * The members of an object by name, each value as its text.
 *
 * @throws {JsonError} for a text that is malformed or breaks the rules
 */
export function membersOf(text: string, rules = ANY): Map<string, string> {
  const members = new Map<string, string>();
  new JsonScanner(text, rules, (start, nameEnd, end) => {
    const name = JSON.parse(text.slice(start, nameEnd)) as string;
    const value = text.slice(text.indexOf(":", nameEnd) + 1, end);
    members.set(name, value.trim());
  }).readDocument();
  return members;
}

/**
 * The elements of a list, each as its text.
 *
 * @param text a well-formed list
 */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  new JsonScanner(text, ANY, (start, _, end) => {
    elements.push(text.slice(start, end));
  }).readElements();
  return elements;
}

/**
 * Adds a member at the end of an object and leaves the others as they are.
 *
 * @param text a well-formed object that has no member of that name
 * @param valueText JSON
 */
export function withMember(
  text: string,
  name: string,
  valueText: string,
): string {
  const rest = text.slice(0, text.lastIndexOf("}")).trimEnd();
  const comma = rest.endsWith("{") ? "" : ",";
  return `${rest}${comma}${JSON.stringify(name)}:${valueText}}`;
}

/**
 * The members of two objects; if both have a name, the second wins.
 *
 * @param first a well-formed object, like `second`
 */
export function mergedMembers(first: string, second: string): string {
  return objectOf(new Map([...membersOf(first), ...membersOf(second)]));
}

/**
 * Changes the members of an object as a partial update does: objects in both are
 * merged, anything else is replaced.
 *
 * @param text a well-formed object, like `changes`
 */
export function withChanges(text: string, changes: string): string {
  const members = membersOf(text);
  for (const [name, value] of membersOf(changes)) {
    const old = members.get(name);
    const areObjects = value.startsWith("{") && old?.startsWith("{") === true;
    members.set(name, areObjects ? withChanges(old, value) : value);
  }
  return objectOf(members);
}

/** Serializes members whose values are JSON texts. */
export function objectOf(members: ReadonlyMap<string, string>): string {
  const texts = Array.from(
    members,
    ([name, value]) => `${JSON.stringify(name)}:${value}`,
  );
  return `{${texts.join(",")}}`;
}

/** For documents that an engine has stored. */
const ANY: JsonRules = {
  maxDepth: Infinity,
  isRewritten: false,
  hasUniqueNames: false,
};

/** Escapes may spell a name too; only these can stand for a letter. */
function mayHold(text: string, name: string): boolean {
  return text.includes(`"${name}"`) || text.includes("\\u");
}
