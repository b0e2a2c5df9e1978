import _ from "lodash";

import type { Failure } from "../../types";

/** The engine's own bound for an id, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;

export function isObject(value: unknown): value is Record<string, unknown> {
  // as most are, which is told sooner than that the others are
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
  return !/\p{Surrogate}/u.test(text);
}

/** Why a value can't be the id of a document, if so. */
export function validateId(value: unknown, place: string): Failure | undefined {
  if (typeof value !== "string" || value === "") {
    return invalidItem(`${place} must be a non-empty string.`);
  }
  if (!isUnicode(value)) {
    return invalidItem(`${place} must be text in Unicode.`);
  }
  if (Buffer.byteLength(value) > MAX_ID_BYTES) {
    return invalidItem(`${place} must be at most ${MAX_ID_BYTES} bytes long.`);
  }
  return undefined;
}

export function invalidItem(reason: string): Failure {
  return { status: 400, code: "invalid", reason, retryable: false };
}
