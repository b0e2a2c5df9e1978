import _ from "lodash";

import { REQUEST_LIMITS } from "../../limits";
import type { Failure } from "../../types";

/** The engine's own bound for an id, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;

export function isObject(value: unknown): value is Record<string, unknown> {
  // as most are, which is known sooner than that the others are
  return (
    (typeof value === "object" &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype) ||
    _.isPlainObject(value)
  );
}

/**
 * Half of a surrogate pair is no character: the engine takes each of them for
 * the same one, so that different ids would be one document (tried: 7.10).
 */
export function isUnicode(text: string): boolean {
  return text.isWellFormed();
}

/** Why a value can't be the id of a document, if so. */
export function validateId(value: unknown, place: string): Failure | undefined {
  const problem = problemOfId(value);
  return problem === undefined ? undefined : invalidItem(`${place} ${problem}`);
}

/** @returns what follows the id's place in an error */
export function problemOfId(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") {
    return "must be a non-empty string.";
  }
  if (!isUnicode(value)) {
    return "must be text in Unicode.";
  }
  if (Buffer.byteLength(value) > MAX_ID_BYTES) {
    return `must be at most ${MAX_ID_BYTES} bytes long.`;
  }
  return undefined;
}

/** What is expected instead of what `isTooDeep`. */
export const tooDeepText = `nested at most ${REQUEST_LIMITS.itemDepth.value} levels deep`;

/**
 * Whether the objects and lists in a value are nested deeper than a document may
 * be. Never goes deeper itself: `JSON.stringify` and the like run out of stack.
 */
export function isTooDeep(
  value: unknown,
  allowed: number = REQUEST_LIMITS.itemDepth.value,
): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  if (allowed === 0) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.some((each) => isTooDeep(each, allowed - 1));
  }
  for (const name in value) {
    if (isTooDeep((value as Record<string, unknown>)[name], allowed - 1)) {
      return true;
    }
  }
  return false;
}

/**
 * More than these, and Elasticsearch 8 parses no partial update: all others of the
 * bulk fail with it (tried: 8.16). A whole document fails alone.
 */
export const MAX_NAME_LENGTH = 50_000;

/** Whether a field has too long a name, in a value that is not too deep. */
export function hasLongName(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return Array.isArray(value)
    ? value.some(hasLongName)
    : Object.entries(value).some(
        ([name, each]) => name.length > MAX_NAME_LENGTH || hasLongName(each),
      );
}

export function invalidItem(reason: string): Failure {
  return { status: 400, code: "invalid", reason, retryable: false };
}
