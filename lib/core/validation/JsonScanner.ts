import { survivesRewriting } from "./jsonNumber";
import { MAX_NAME_LENGTH } from "./items";

/** What is required of a text, in addition to being one JSON object. */
export interface JsonRules {
  /** how deep objects and lists may be nested, counting the outermost */
  readonly maxDepth: number;
  /**
   * The engine will parse the text and serialize it anew, as in a partial update. Whole
   * numbers survive that, decimals only as far as a double holds them.
   */
  readonly isRewritten: boolean;
  /** engines reject repeated names, though JSON itself allows them */
  readonly hasUniqueNames: boolean;
}

/** What is wrong with a text, as a clause. */
export class JsonError extends Error {}

type Visit = (start: number, nameEnd: number, end: number) => void;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSED = 0x5d;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSED = 0x7d;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f]/g;

/** Limited for the same reason as `MAX_NAME_LENGTH`. */
const MAX_NUMBER_LENGTH = 1_000;

/**
 * Scans a JSON object once, without creating its values. The contents of strings, which
 * make up most of a document, are left to searches in which V8 handles many characters
 * at a time: for the next quote, backslash and control character.
 */
export class JsonScanner {
  private at = 0;
  private depth = 0;
  /**
   * the first ones after `at`, as far as they were needed; the text's length if none
   * follow
   */
  private nextBackslash = -1;
  private nextControl = -1;

  /**
   * @param visit called with each member of the outermost object, or with each element
   * of the outermost list, whose name is empty
   */
  constructor(
    private readonly text: string,
    private readonly rules: JsonRules,
    private readonly visit?: Visit,
  ) {}

  /** @throws {JsonError} */
  readDocument(): void {
    if (this.skipSpace() !== BRACE_OPEN) {
      throw this.unexpected("an object");
    }
    this.readObject();
    this.assertEnd();
  }

  /** @throws {JsonError} */
  readElements(): void {
    if (this.skipSpace() !== BRACKET_OPEN) {
      throw this.unexpected("a list");
    }
    this.readList();
    this.assertEnd();
  }

  private assertEnd(): void {
    this.skipSpace();
    if (this.at < this.text.length) {
      throw this.unexpected("its end");
    }
  }

  private readValue(): void {
    switch (this.skipSpace()) {
      case QUOTE:
        this.readString();
        return;
      case BRACE_OPEN:
        return this.readObject();
      case BRACKET_OPEN:
        return this.readList();
      case LOWER_T:
        return this.readWord("true");
      case LOWER_F:
        return this.readWord("false");
      case LOWER_N:
        return this.readWord("null");
      default:
        return this.readNumber();
    }
  }

  private readObject(): void {
    this.enter();
    let next = this.skipSpace();
    if (next === BRACE_CLOSED) {
      return this.leave();
    }
    const names = this.rules.hasUniqueNames ? new Names() : undefined;
    for (;;) {
      if (next !== QUOTE) {
        throw this.unexpected("a name");
      }
      const start = this.at;
      const hasEscapes = this.readString();
      if (this.rules.isRewritten && this.at - start > MAX_NAME_LENGTH + 2) {
        throw new JsonError(
          `a name is longer than ${MAX_NAME_LENGTH} characters`,
        );
      }
      names?.add(this.text.slice(start, this.at), hasEscapes);
      const nameEnd = this.at;
      if (this.skipSpace() !== COLON) {
        throw this.unexpected("a colon");
      }
      this.at++;
      this.readValue();
      if (this.depth === 1) {
        this.visit?.(start, nameEnd, this.at);
      }
      next = this.skipSpace();
      if (next === BRACE_CLOSED) {
        return this.leave();
      }
      next = this.skipComma(next);
    }
  }

  private readList(): void {
    this.enter();
    let next = this.skipSpace();
    if (next === BRACKET_CLOSED) {
      return this.leave();
    }
    for (;;) {
      const start = this.at;
      this.readValue();
      if (this.depth === 1) {
        this.visit?.(start, start, this.at);
      }
      next = this.skipSpace();
      if (next === BRACKET_CLOSED) {
        return this.leave();
      }
      this.skipComma(next);
    }
  }

  /** @returns whether it has escapes */
  private readString(): boolean {
    let hasEscapes = false;
    let at = this.at + 1;
    let quote = this.find('"', at);
    for (;;) {
      if (this.nextBackslash < at) {
        this.nextBackslash = this.find("\\", at);
      }
      if (this.nextControl < at) {
        this.nextControl = this.findControl(at);
      }
      const end = Math.min(quote, this.nextBackslash);
      if (this.nextControl <= end) {
        // a control character, or the end of the text
        this.at = this.nextControl;
        throw this.unexpected("another character");
      }
      if (end === quote) {
        this.at = quote + 1;
        return hasEscapes;
      }
      ESCAPE.lastIndex = end;
      if (!ESCAPE.test(this.text)) {
        this.at = end;
        throw this.unexpected("an escape of JSON");
      }
      hasEscapes = true;
      at = ESCAPE.lastIndex;
      if (quote < at) {
        quote = this.find('"', at);
      }
    }
  }

  private find(character: string, from: number): number {
    const found = this.text.indexOf(character, from);
    return found === -1 ? this.text.length : found;
  }

  private findControl(from: number): number {
    CONTROL.lastIndex = from;
    return CONTROL.test(this.text) ? CONTROL.lastIndex - 1 : this.text.length;
  }

  private readNumber(): void {
    const { text, at: start } = this;
    NUMBER.lastIndex = start;
    if (!NUMBER.test(text)) {
      throw this.unexpected("a value");
    }
    this.at = NUMBER.lastIndex;
    if (this.rules.isRewritten) {
      const number = text.slice(start, this.at);
      if (number.length > MAX_NUMBER_LENGTH) {
        throw new JsonError(
          `a number is longer than ${MAX_NUMBER_LENGTH} characters`,
        );
      }
      if (!survivesRewriting(number)) {
        throw new JsonError(
          `Elasticsearch, which applies the update, would round ${shortened(number)}`,
        );
      }
    }
  }

  private readWord(word: string): void {
    if (!this.text.startsWith(word, this.at)) {
      throw this.unexpected("a value");
    }
    this.at += word.length;
  }

  private enter(): void {
    this.at++;
    this.depth++;
    if (this.depth > this.rules.maxDepth) {
      throw new JsonError(`more than ${this.rules.maxDepth} levels deep`);
    }
  }

  private leave(): void {
    this.at++;
    this.depth--;
  }

  private skipComma(next: number): number {
    if (next !== COMMA) {
      throw this.unexpected("a comma or the end of an object or list");
    }
    this.at++;
    return this.skipSpace();
  }

  /** @returns the next character, NaN at the end of the text */
  private skipSpace(): number {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (
        unit !== SPACE &&
        unit !== LINE_FEED &&
        unit !== CARRIAGE_RETURN &&
        unit !== TAB
      ) {
        return unit;
      }
      this.at++;
    }
  }

  private unexpected(wanted: string): JsonError {
    return new JsonError(
      `not one JSON object: ${wanted} was expected at character ${this.at}`,
    );
  }
}

/** Up to this many, a linear search is faster than a hash table. */
const FEW_NAMES = 8;

/** The names in one object, which must be unique. */
class Names {
  private readonly few: string[] = [];
  private many: Set<string> | undefined;

  /**
   * @param spelled with its quotes
   * @throws {JsonError} when the name is already there
   */
  add(spelled: string, hasEscapes: boolean): void {
    const name = hasEscapes ? JSON.stringify(JSON.parse(spelled)) : spelled;
    const isThere = this.many?.has(name) ?? this.few.includes(name);
    if (isThere) {
      throw new JsonError(
        `the name ${shortened(name)} occurs twice in an object`,
      );
    }
    if (this.many !== undefined) {
      this.many.add(name);
    } else if (this.few.push(name) > FEW_NAMES) {
      this.many = new Set(this.few);
    }
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
