import { RawSource, type Content } from "../../core/RawSource";
import { contentAfter } from "../../kuzzle/events/contentAfter";

/**
 * An entry of an answer for listeners of the application: what is text in it, as its
 * `_source`, is parsed when one looks into it, and sent as the text that it was unless
 * one changes it. Most listeners only count, as kuzzle-plugin-prometheus does.
 *
 * Whoever makes JSON of it gets that, too, without being taken for one who looks.
 */
export function parsedWhenSeen<Entry>(entry: Entry): Entry {
  const texts = Object.entries(entry ?? {}).filter(
    (member): member is [string, RawSource] => member[1] instanceof RawSource,
  );
  if (texts.length === 0) {
    return entry;
  }
  const members = new Map(
    texts.map(([name, text]) => [name, new ParsedWhenSeen(text)]),
  );
  const shown = { ...entry } as object;
  for (const [name, member] of members) {
    Object.defineProperty(shown, name, {
      enumerable: true,
      configurable: true,
      get: () => member.value,
      set: (value: Content) => {
        member.value = value;
      },
    });
  }
  return Object.defineProperty(shown, "toJSON", {
    value(this: object) {
      return Object.fromEntries(
        Object.keys(this).map((name) => [
          name,
          members.get(name)?.content ?? this[name as keyof typeof this],
        ]),
      );
    },
  }) as Entry;
}

class ParsedWhenSeen {
  private seen: { readonly value: Content } | undefined;

  constructor(private readonly text: RawSource) {}

  get value(): Content {
    return (this.seen ??= { value: this.text.parse() }).value;
  }

  set value(value: Content) {
    this.seen = { value };
  }

  get content(): Content {
    return this.seen === undefined
      ? this.text
      : contentAfter(this.text, this.seen.value);
  }
}
