import type { Source } from "../types";

/** The part of a Buffer that is needed here. */
interface EngineBytes {
  toString(encoding: "utf8", start: number, end: number): string;
}

/**
 * The placeholder that `stringify` writes for each source, and the texts to replace it
 * with.
 */
let collected: { texts: string[]; placeholder: string } | undefined;

/**
 * A document's content as JSON that is only passed on, as the engine stores it or a
 * caller sent it. Ordinary serialization works too, but parses it.
 */
export class RawSource {
  /** The content lies between two positions of the engine's response, as UTF-8. */
  constructor(
    readonly answer: EngineBytes,
    readonly start: number,
    readonly end: number,
  ) {}

  static ofText(text: string): RawSource {
    return new RawSource({ toString: () => text }, 0, text.length);
  }

  /**
   * Bytes if it comes from an engine's response, characters if it comes from a text.
   */
  get length(): number {
    return this.end - this.start;
  }

  /** In UTF-8. */
  get byteLength(): number {
    return this.answer instanceof Buffer
      ? this.length
      : Buffer.byteLength(this.toString());
  }

  /** @returns how many bytes of UTF-8 were copied */
  copyTo(target: Buffer, at: number): number {
    const { answer, start, end } = this;
    return answer instanceof Buffer
      ? answer.copy(target, at, start, end)
      : target.write(this.toString(), at);
  }

  /** Serializes a value with sources anywhere in it, each as its own text. */
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

  /** Rounds numbers that a double can't hold. */
  parse(): Source {
    return JSON.parse(this.toString()) as Source;
  }

  /** @returns the JSON text */
  toString(): string {
    return this.answer.toString("utf8", this.start, this.end);
  }
}

/** A document's content: parsed, or as text that is only passed on. */
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
