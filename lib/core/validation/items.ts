import _ from "lodash";

import { REQUEST_LIMITS } from "../../limits";
import type { Failure, OperationName } from "../../types";

/** The engine's own limit for an id, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;

export function isObject(value: unknown): value is Record<string, unknown> {
  // most objects pass the first test, which is cheaper
  return (
    (typeof value === "object" &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype) ||
    _.isPlainObject(value)
  );
}

/**
 * Half of a surrogate pair is not a character. The engine treats all such halves as the
 * same one, so that different ids would name one document (tried: 7.10).
 */
export function isUnicode(text: string): boolean {
  return text.isWellFormed();
}

/** @returns why a value can't be the id of a document; undefined if it can */
export function validateId(value: unknown, place: string): Failure | undefined {
  const problem = problemOfId(value);
  return problem === undefined ? undefined : invalidItem(`${place} ${problem}`);
}

/** @returns what follows the id's place in an error message */
export function problemOfId(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") {
    return "must be a non-empty string.";
  }
  if (!isUnicode(value)) {
    return "must be well-formed Unicode.";
  }
  if (Buffer.byteLength(value) > MAX_ID_BYTES) {
    return `must be at most ${MAX_ID_BYTES} bytes long.`;
  }
  return undefined;
}

/** What an error message asks for when `isTooDeep` applies. */
export const tooDeepText = `nested at most ${REQUEST_LIMITS.itemDepth.value} levels deep`;

/**
 * Elasticsearch 8 can't parse a partial update with a longer name, and all others in
 * the bulk fail with it (tried: 8.16). A whole document fails alone.
 */
export const MAX_NAME_LENGTH = 50_000;

/**
 * Whether objects and lists in a value are nested deeper than a document may be. It
 * does not recurse, since `JSON.stringify` and the like overflow the stack.
 */
export function isTooDeep(value: unknown): boolean {
  return excessOf(value) !== undefined;
}

/**
 * Which limit a value exceeds: its depth, or the length of a field name.
 *
 * @param maxName without it, only the depth is checked
 */
export function excessOf(
  value: unknown,
  maxName = Infinity,
  maxDepth: number = REQUEST_LIMITS.itemDepth.value,
): "depth" | "name" | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  if (maxDepth === 0) {
    return "depth";
  }
  if (Array.isArray(value)) {
    for (const each of value) {
      const excess = excessOf(each, maxName, maxDepth - 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  }
  for (const name in value) {
    const each = (value as Record<string, unknown>)[name];
    const excess =
      name.length > maxName ? "name" : excessOf(each, maxName, maxDepth - 1);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

/** The place of a write's entry in its request. */
export interface EntryPlace {
  readonly op: OperationName;
  readonly position: number;
  /** named by its operation, in `operations`; others are in `documents` */
  readonly isNamed?: true;
}

/** The place of the document, as errors name it. */
export function placeOf({ op, position, isNamed }: EntryPlace): string {
  return isNamed ? `operations[${position}].${op}` : `documents[${position}]`;
}

export function invalidItem(reason: string): Failure {
  return { status: 400, code: "invalid", reason, retryable: false };
}
