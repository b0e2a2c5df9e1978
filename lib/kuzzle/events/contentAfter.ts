import _ from "lodash";

import type { Source } from "../../types";
import { RawSource } from "../../core/RawSource";

/**
 * What a pipe has made of a document that it saw parsed: one that was text, and that
 * it has left as it is, stays the text.
 */
export function contentAfter(
  seen: Source | RawSource | undefined,
  piped: Source | RawSource,
): Source | RawSource {
  return seen instanceof RawSource &&
    !(piped instanceof RawSource) &&
    _.isEqual(seen.parse(), piped)
    ? seen
    : piped;
}
