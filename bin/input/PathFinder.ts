const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Finds the array at a path of keys in a JSON object that arrives byte by byte. */
export class PathFinder {
  /** open brackets */
  private depth = 0;
  /** how many keys of the path lead to the innermost open bracket on it */
  private matched = 0;
  private text: number[] | undefined;
  private isEscaped = false;
  private lastString = "";
  /** the next value is that of the next key of the path */
  private isNext = false;

  constructor(private readonly path: readonly string[]) {}

  /** @returns whether this byte opens the array */
  push(byte: number): boolean {
    if (this.text !== undefined) {
      this.readString(this.text, byte);
      return false;
    }
    const isOnPath = this.depth === this.matched + 1;
    switch (byte) {
      case QUOTE:
        this.text = [];
        break;
      case COLON:
        this.isNext = isOnPath && this.lastString === this.path[this.matched];
        break;
      case COMMA:
        this.isNext = false;
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY: {
        const isLast = this.matched === this.path.length - 1;
        if (this.isNext && isLast && byte === OPEN_ARRAY) return true;
        if (this.isNext && !isLast && byte === OPEN_OBJECT) this.matched += 1;
        this.isNext = false;
        this.depth += 1;
        break;
      }
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.depth -= 1;
        this.matched = Math.max(0, Math.min(this.matched, this.depth - 1));
    }
    return false;
  }

  private readString(text: number[], byte: number): void {
    if (!this.isEscaped && byte === QUOTE) {
      this.lastString = stringOf(text);
      this.text = undefined;
      return;
    }
    this.isEscaped = !this.isEscaped && byte === BACKSLASH;
    if (text.length < MAX_KEY_BYTES) text.push(byte);
  }
}

/** Longer strings are values, or keys that are not on any path. */
const MAX_KEY_BYTES = 1_000;

function stringOf(text: readonly number[]): string {
  try {
    return JSON.parse(`"${Buffer.from(text).toString()}"`) as string;
  } catch {
    return "";
  }
}
