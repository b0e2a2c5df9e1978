import type { Source } from "../types";

/** As a Buffer is. */
interface EngineBytes {
  toString(encoding: "utf8", start: number, end: number): string;
}

/** What `stringify` leaves open in its text, and fills in afterwards. */
let collected: { texts: string[]; placeholder: string } | undefined;

/**
 * A document's content as JSON that is only passed on, as the engine keeps it or a
 * caller has sent it. Who makes JSON of it the ordinary way still gets what it means.
 */
export class RawSource {
  /** It stands between two positions of the engine's answer, as UTF-8. */
  constructor(
    readonly answer: EngineBytes,
    readonly start: number,
    readonly end: number,
  ) {}

  static ofText(text: string): RawSource {
    return new RawSource({ toString: () => text }, 0, text.length);
  }

  /** Bytes of an engine's answer, or about as many as a text has. */
  get length(): number {
    return this.end - this.start;
  }

  /** As UTF-8. */
  get byteLength(): number {
    return this.answer instanceof Buffer
      ? this.length
      : Buffer.byteLength(this.toString());
  }

  /** @returns how many bytes of UTF-8 are copied */
  copyTo(target: Buffer, at: number): number {
    const { answer, start, end } = this;
    return answer instanceof Buffer
      ? answer.copy(target, at, start, end)
      : target.write(this.toString(), at);
  }

  /** JSON of a value with sources anywhere in it, each as its own text. */
  static stringify(value: unknown, indent?: number): string {
    const texts: string[] = [];
    const placeholder = globalThis.crypto.randomUUID();
    collected = { texts, placeholder };
    try {
      const [first = "", ...rest] = JSON.stringify(
        value,
        undefined,
        indent,
      ).split(`"${placeholder}"`);
      return rest.reduce((all, part, i) => `${all}${texts[i]}${part}`, first);
    } finally {
      collected = undefined;
    }
  }

  toJSON(): Source | string {
    if (collected !== undefined) {
      collected.texts.push(this.toString());
      return collected.placeholder;
    }
    return this.parse();
  }

  /** Numbers beyond a double are rounded. */
  parse(): Source {
    return JSON.parse(this.toString()) as Source;
  }

  /** @returns the JSON text */
  toString(): string {
    return this.answer.toString("utf8", this.start, this.end);
  }
}

/** A document's content: parsed, or text that is only passed on. */
export type Content = Source | RawSource;

export function sourceOf({
  _source,
}: {
  readonly _source?: Content | undefined;
}): Source | undefined {
  return _source && parsedContent(_source);
}

export function parsedContent(content: Content): Source {
  return content instanceof RawSource ? content.parse() : content;
}

/** @returns JSON */
export function jsonOf(content: Content): string {
  return content instanceof RawSource
    ? content.toString()
    : JSON.stringify(content);
}
