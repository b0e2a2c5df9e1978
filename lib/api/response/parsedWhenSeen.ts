import { RawSource, type Content } from "../../core/RawSource";
import { contentAfter } from "../../kuzzle/events/contentAfter";

/**
 * An entry of a response, for listeners of the application. Text in it, such as
 * `_source`, is parsed when a listener reads it, and sent unchanged unless a listener
 * changes it. Most listeners only count entries, as kuzzle-plugin-prometheus does.
 *
 * Serializing the entry yields the text, and does not count as reading it.
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
