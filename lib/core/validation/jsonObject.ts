/**
 * JSON as text, looked through without making values of it: what is only passed on
 * need not be parsed, and numbers do not survive it. The grammar is that of RFC 8259
 * and no wider, since a text that an engine reads in another way than we do could
 * spoil a whole bulk.
 */

/** What a text has to be, on top of one JSON object. */
export interface JsonRules {
  /** how many objects and lists may be in each other, the outermost included */
  readonly maxDepth: number;
  /**
   * The engine will parse the text and write it anew, as it does with a partial
   * update: whole numbers survive that, decimals only as far as a double holds them.
   */
  readonly isRewritten: boolean;
  /** as an engine rejects repeats, though JSON itself does not */
  readonly hasUniqueNames: boolean;
}

/**
 * Checks a text in one pass.
 *
 * @returns what is wrong with it, as a clause; undefined when all is well
 */
export function findJsonError(
  text: string,
  rules: JsonRules,
): string | undefined {
  try {
    new Scanner(text, rules).readDocument();
    return undefined;
  } catch (error) {
    if (error instanceof JsonError) {
      return error.message;
    }
    throw error;
  }
}

/**
 * Takes the members of a name out of an object; the others stay as they are.
 *
 * @param text an object, found to be well formed
 */
export function withoutMember(text: string, name: string): string {
  if (!mayHold(text, name)) {
    return text;
  }
  const kept: string[] = [];
  let isThere = false;
  new Scanner(text, ANY, (start, nameEnd, end) => {
    if (JSON.parse(text.slice(start, nameEnd)) === name) {
      isThere = true;
    } else {
      kept.push(text.slice(start, end));
    }
  }).readDocument();
  return isThere ? `{${kept.join(",")}}` : text;
}

/**
 * The members of an object by their names, each value as its text.
 *
 * @throws {JsonError} for a text that is not well formed, or breaks the rules
 */
export function membersOf(text: string, rules = ANY): Map<string, string> {
  const members = new Map<string, string>();
  new Scanner(text, rules, (start, nameEnd, end) => {
    const name = JSON.parse(text.slice(start, nameEnd)) as string;
    const value = text.slice(text.indexOf(":", nameEnd) + 1, end);
    members.set(name, value.trim());
  }).readDocument();
  return members;
}

/**
 * Adds a member at the end of an object; the others stay as they are.
 *
 * @param text an object, found to be well formed, that has no member of that name
 * @param valueText JSON
 */
export function withMember(
  text: string,
  name: string,
  valueText: string,
): string {
  const rest = text.slice(0, text.lastIndexOf("}")).trimEnd();
  const comma = rest.endsWith("{") ? "" : ",";
  return `${rest}${comma}${JSON.stringify(name)}:${valueText}}`;
}

/**
 * The members of two objects; where both have a name, that of the second.
 *
 * @param first an object, found to be well formed, as is the second
 */
export function mergedMembers(first: string, second: string): string {
  return objectOf(new Map([...membersOf(first), ...membersOf(second)]));
}

/**
 * The members of an object, changed by those of another as a partial update does it:
 * objects in both are merged, anything else is replaced.
 *
 * @param text an object, found to be well formed, as is that of the changes
 */
export function withChanges(text: string, changes: string): string {
  const members = membersOf(text);
  for (const [name, value] of membersOf(changes)) {
    const old = members.get(name);
    const areObjects = value.startsWith("{") && old?.startsWith("{") === true;
    members.set(name, areObjects ? withChanges(old, value) : value);
  }
  return objectOf(members);
}

function objectOf(members: ReadonlyMap<string, string>): string {
  const texts = Array.from(
    members,
    ([name, value]) => `${JSON.stringify(name)}:${value}`,
  );
  return `{${texts.join(",")}}`;
}

/** For what an engine has stored. */
const ANY: JsonRules = {
  maxDepth: Infinity,
  isRewritten: false,
  hasUniqueNames: false,
};

/** A name may be spelled with escapes, of which these can stand for a letter. */
function mayHold(text: string, name: string): boolean {
  return text.includes(`"${name}"`) || text.includes("\\u");
}

/** What is wrong with a text, as a clause. */
export class JsonError extends Error {}

type VisitMember = (start: number, nameEnd: number, end: number) => void;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSED = 0x5d;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSED = 0x7d;

const WORDS = new Map(
  ["true", "false", "null"].map((word) => [word.charCodeAt(0), word]),
);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

class Scanner {
  private at = 0;
  private depth = 0;

  /** @param visit called with each member of the outermost object */
  constructor(
    private readonly text: string,
    private readonly rules: JsonRules,
    private readonly visit?: VisitMember,
  ) {}

  readDocument(): void {
    if (this.skipSpace() !== BRACE_OPEN) {
      throw this.unexpected("an object");
    }
    this.readObject();
    this.skipSpace();
    if (this.at < this.text.length) {
      throw this.unexpected("its end");
    }
  }

  private readValue(): void {
    const first = this.skipSpace();
    const word = WORDS.get(first);
    if (first === QUOTE) {
      this.readString();
    } else if (first === BRACE_OPEN) {
      this.readObject();
    } else if (first === BRACKET_OPEN) {
      this.readList();
    } else if (word === undefined) {
      this.readNumber();
    } else if (this.text.startsWith(word, this.at)) {
      this.at += word.length;
    } else {
      throw this.unexpected("a value");
    }
  }

  private readObject(): void {
    this.enter();
    let next = this.skipSpace();
    if (next === BRACE_CLOSED) {
      return this.leave();
    }
    const names = new Set<string>();
    for (;;) {
      if (next !== QUOTE) {
        throw this.unexpected("a name");
      }
      const start = this.at;
      const name = this.readName();
      const isRepeat = names.size === names.add(name).size;
      if (isRepeat && this.rules.hasUniqueNames) {
        throw new JsonError(
          `the name ${shortened(name)} is twice in an object`,
        );
      }
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
      this.readValue();
      next = this.skipSpace();
      if (next === BRACKET_CLOSED) {
        return this.leave();
      }
      this.skipComma(next);
    }
  }

  /** @returns the name with its quotes, spelled in one way only */
  private readName(): string {
    const start = this.at;
    const hasEscapes = this.readString();
    const name = this.text.slice(start, this.at);
    return hasEscapes ? JSON.stringify(JSON.parse(name)) : name;
  }

  /** @returns whether it has escapes */
  private readString(): boolean {
    const { text } = this;
    let hasEscapes = false;
    let at = this.at + 1;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.at = at + 1;
        return hasEscapes;
      }
      if (unit === BACKSLASH) {
        ESCAPE.lastIndex = at;
        if (!ESCAPE.test(text)) {
          this.at = at;
          throw this.unexpected("an escape of JSON");
        }
        hasEscapes = true;
        at = ESCAPE.lastIndex;
      } else if (unit >= SPACE) {
        at++;
      } else {
        // a control character, or NaN behind the end
        this.at = at;
        throw this.unexpected("another character");
      }
    }
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
      if (!survivesRewriting(number)) {
        throw new JsonError(
          `Elasticsearch, which applies the update, would round ${shortened(number)}`,
        );
      }
    }
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

  /** @returns what comes next, NaN at the end of the text */
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

/** Of a JSON number: whole ones of any size, and what a double holds. */
export function survivesRewriting(number: string): boolean {
  const isWhole = !/[.eE]/.test(number);
  const isShort = number.length <= SURE_LENGTH && !/[eE]/.test(number);
  if (isWhole || isShort) {
    return true;
  }
  const double = Number(number);
  return (
    Number.isFinite(double) && decimalOf(number) === decimalOf(String(double))
  );
}

/** A point and 15 digits, as many as a double always holds. */
const SURE_LENGTH = 16;

/** A number's value in one way only: its digits, and the place of the point. */
function decimalOf(number: string): string {
  const [mantissa = "", exponent = "0"] = number.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") {
    return "0";
  }
  const point =
    Number(exponent) - fraction.length + digits.length - significant.length;
  return `${number.startsWith("-") ? "-" : ""}${significant}e${point}`;
}

function shortened(number: string): string {
  return number.length > 40 ? `${number.slice(0, 40)}…` : number;
}
