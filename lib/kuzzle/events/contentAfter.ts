import type { Source } from "../../types";
import { RawSource } from "../../core/RawSource";

/**
 * What a pipe made of a document that it saw parsed. If the document was text and the
 * pipe left it unchanged, it stays text.
 */
export function contentAfter(
  seen: Source | RawSource | undefined,
  piped: Source | RawSource,
): Source | RawSource {
  return seen instanceof RawSource &&
    !(piped instanceof RawSource) &&
    isSameJson(seen.parse(), piped)
    ? seen
    : piped;
}

/** Like `_.isEqual`, which overflows the stack on deeply nested values. */
function isSameJson(one: unknown, other: unknown): boolean {
  const pairs: Array<readonly [unknown, unknown]> = [[one, other]];
  for (const [a, b] of pairs) {
    if (a === b) {
      continue;
    }
    if (!isObject(a) || !isObject(b)) {
      return false;
    }
    const names = Object.keys(a);
    const isAlike =
      Object.getPrototypeOf(a) === Object.getPrototypeOf(b) &&
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name));
    if (!isAlike) {
      return false;
    }
    for (const name of names) {
      pairs.push([a[name], b[name]]);
    }
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
