import { RawSource, type Content } from "../../core/RawSource";
import { contentAfter } from "../../kuzzle/events/contentAfter";
import type { Source } from "../../types";

/**
 * An entry of an answer for listeners of the application: its `_source` is parsed when
 * one looks into it, and sent as the text that it was unless one changes it. Most
 * listeners only count, as kuzzle-plugin-prometheus does.
 *
 * Whoever makes JSON of it gets that, too, without being taken for one who looks.
 */
export function parsedWhenSeen<Entry>(entry: Entry): Entry {
  const { _source: text } = (entry ?? {}) as { readonly _source?: unknown };
  if (!(text instanceof RawSource)) {
    return entry;
  }
  let seen: { readonly source: Source } | undefined;
  const content = (): Content =>
    seen === undefined ? text : contentAfter(text, seen.source);

  return Object.defineProperties({ ...entry } as object, {
    _source: {
      enumerable: true,
      configurable: true,
      get: () => (seen ??= { source: text.parse() }).source,
      set: (source: Source) => {
        seen = { source };
      },
    },
    toJSON: {
      value(this: object) {
        return Object.fromEntries(
          Object.keys(this).map((name) => [
            name,
            name === "_source" ? content() : this[name as keyof typeof this],
          ]),
        );
      },
    },
  }) as Entry;
}
