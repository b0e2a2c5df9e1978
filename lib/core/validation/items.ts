import _ from "lodash";

import { REQUEST_LIMITS } from "../../limits";
import type { Failure, OperationName } from "../../types";

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
 * More than these, and Elasticsearch 8 parses no partial update: all others of the
 * bulk fail with it (tried: 8.16). A whole document fails alone.
 */
export const MAX_NAME_LENGTH = 50_000;

/**
 * Whether the objects and lists in a value are nested deeper than a document may
 * be. Never goes deeper itself: `JSON.stringify` and the like run out of stack.
 */
export function isTooDeep(value: unknown): boolean {
  return excessOf(value) !== undefined;
}

/**
 * In what a value is beyond the limits: its depth, or the length of a field's name.
 *
 * @param maxName without it, only the depth is looked at
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

/** Where an entry of a write is in its request. */
export interface EntryPlace {
  readonly op: OperationName;
  readonly position: number;
  /** by the operation, in `operations`; others are in `documents` */
  readonly isNamed?: true;
}

/** Of the document, as errors name it. */
export function placeOf({ op, position, isNamed }: EntryPlace): string {
  return isNamed ? `operations[${position}].${op}` : `documents[${position}]`;
}

export function invalidItem(reason: string): Failure {
  return { status: 400, code: "invalid", reason, retryable: false };
}
