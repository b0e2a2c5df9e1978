import { JsonError, JsonScanner, type JsonRules } from "./JsonScanner";

/**
 * JSON as text, looked through without making values of it: what is only passed on
 * need not be parsed, and numbers do not survive it. The grammar is that of RFC 8259
 * and no wider, since a text that an engine reads in another way than we do could
 * spoil a whole bulk.
 */

/**
 * Checks a text in one pass.
 *
 * @returns what is wrong with it, as a clause; undefined when all is well
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
 * Takes the members of a name out of an object; the others stay as they are.
 *
 * @param text an object, found to be well formed
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
 * The members of an object by their names, each value as its text.
 *
 * @throws {JsonError} for a text that is not well formed, or breaks the rules
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
 * @param text a list, found to be well formed
 */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  new JsonScanner(text, ANY, (start, _, end) => {
    elements.push(text.slice(start, end));
  }).readElements();
  return elements;
}

/**
 * Adds a member at the end of an object; the others stay as they are.
 *
 * @param text an object, found to be well formed, that has no member of that name
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
 * The members of two objects; where both have a name, that of the second.
 *
 * @param first an object, found to be well formed, as is the second
 */
export function mergedMembers(first: string, second: string): string {
  return objectOf(new Map([...membersOf(first), ...membersOf(second)]));
}

/**
 * The members of an object, changed by those of another as a partial update does it:
 * objects in both are merged, anything else is replaced.
 *
 * @param text an object, found to be well formed, as is that of the changes
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

/** JSON of members that are texts. */
export function objectOf(members: ReadonlyMap<string, string>): string {
  const texts = Array.from(
    members,
    ([name, value]) => `${JSON.stringify(name)}:${value}`,
  );
  return `{${texts.join(",")}}`;
}

/** For what an engine has stored. */
const ANY: JsonRules = {
  maxDepth: Infinity,
  isRewritten: false,
  hasUniqueNames: false,
};

/** A name may be spelled with escapes, of which these can stand for a letter. */
function mayHold(text: string, name: string): boolean {
  return text.includes(`"${name}"`) || text.includes("\\u");
}
