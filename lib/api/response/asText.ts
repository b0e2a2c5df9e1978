import type { KuzzleRequest } from "kuzzle";

import { jsonOf, RawSource, type Content } from "../../core/RawSource";
import type { Stats } from "../../types";
import type { KuzzleServices } from "../../kuzzle/KuzzleServices";
import type { NativeEvents } from "../../kuzzle/nativeRequest";
import { Arguments } from "../request/Arguments";

/** Whether the caller wants documents as text, in `json` instead of `_source`. */
export function asksForText(request: KuzzleRequest): boolean {
  return (
    request.input.args.json !== undefined && new Arguments(request).flag("json")
  );
}

/**
 * Whether an entry's content is certainly what the engine holds. It is not once a pipe
 * of the application has changed the document.
 */
export type IsExact = (content: Content) => boolean;

/** @param isReplayed the content comes from the original request, before any pipes */
export function exactness(
  kuzzle: KuzzleServices,
  natives: readonly NativeEvents[],
  isReplayed = false,
): IsExact {
  const isHeard = (event: string): boolean => kuzzle.hasListeners(event);
  const isChanged = natives.some(
    ({ before, genericBefore = before }) =>
      isHeard(before) || isHeard(genericBefore),
  );
  if (isReplayed && isChanged) {
    return () => false;
  }
  const isSeen = natives.some(
    ({ after, genericAfter = after }) =>
      isHeard(after) || isHeard(genericAfter),
  );
  return (content) => !isSeen || content instanceof RawSource;
}

/**
 * Returns the entry with its content as text if it is exact, and unchanged if not, so
 * that nobody mistakes the numbers of a pipe for those of the engine.
 */
export function withText<Entry extends object>(
  entry: Entry,
  isExact: IsExact,
): Entry {
  const { _source } = entry as { readonly _source?: Content };
  if (_source === undefined || !isExact(_source)) {
    return entry;
  }
  // in the same place, so that the keys have the same order in both forms
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) =>
      name === "_source" ? ["json", jsonOf(_source)] : [name, value],
    ),
  ) as Entry;
}

/** Applies `withText` to all lists of documents in a response. */
export function withTexts<Answer extends object>(
  answer: Answer,
  kuzzle: KuzzleServices,
  natives: readonly NativeEvents[],
): Answer {
  const { stats } = answer as { readonly stats?: Stats };
  const isExact = exactness(kuzzle, natives, stats?.replayed);
  return Object.fromEntries(
    Object.entries(answer).map(([name, list]) => [
      name,
      Array.isArray(list) && name !== "errors"
        ? list.map((entry: unknown) =>
            typeof entry === "object" && entry !== null
              ? withText(entry, isExact)
              : entry,
          )
        : (list as unknown),
    ]),
  ) as Answer;
}
