import {
  InputError,
  isBlank,
  LF,
  type RowError,
  type RawRow,
  type Splitter,
  tooLong,
} from "./rawRow";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const NOTHING = Buffer.alloc(0);

/**
 * `before` the array, `between` two elements, in an `element`, in a `string` of
 * one, in one that is `broken` and whose end is unknown, `after` the array.
 */
type State = "before" | "between" | "element" | "string" | "broken" | "after";

/**
 * A row is an element of a JSON array, whatever its lines.
 *
 * Where an element is broken so that its end can't be seen (a quote or a bracket
 * is missing), the next one is taken to begin where a line begins with `{`, as
 * far in as the broken one was; or at a `{` where a key had to come.
 */
export class ArraySplitter implements Splitter {
  private state: State = "before";
  private escaped = false;
  /** the brackets that are open in the element */
  private readonly stack: number[] = [];
  /** the last byte of the element that was no blank, outside of strings */
  private last = 0;

  private offset = 0;
  private line = 1;
  private row = 0;
  /** bytes before the first that is no blank, in this line; -1: it has come */
  private indentation = 0;

  private parts: Buffer[] = [];
  private start = 0;
  private startLine = 0;
  private startIndentation = -1;
  private size = 0;
  private extra = 0;

  constructor(private readonly maxRowBytes: number) {}

  push(bytes: Buffer): RawRow[] {
    const rows: RawRow[] = [];
    // where the part of the open element begins in these bytes
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      const begun = this.isOpen();
      if (this.beginsElement(byte)) {
        if (begun) {
          this.keep(bytes.subarray(from, at));
          this.closeBroken(this.offset + at, rows);
        }
        from = at;
        this.open(this.offset + at);
      }
      if (this.isOpen() && this.read(byte)) {
        this.keep(bytes.subarray(from, at));
        this.closeElement(this.offset + at, rows);
      }
      if (!this.isOpen()) this.readOutside(byte, this.offset + at);
      this.countLines(byte);
    }
    if (this.isOpen()) this.keep(bytes.subarray(from));
    this.offset += bytes.length;
    return rows;
  }

  end(): RawRow[] {
    const rows: RawRow[] = [];
    if (this.isOpen()) {
      this.closeBroken(this.offset, rows, "The input ends inside of it.");
    } else if (this.state === "between") {
      this.startLine = this.line;
      this.start = this.offset;
      this.emit(this.offset, rows, NOTHING, {
        code: "invalid",
        reason: "The input ends before the array does.",
      });
    } else if (this.extra > 0) {
      this.emit(this.offset, rows, NOTHING, {
        code: "invalid",
        reason: `${this.extra} bytes follow the end of the array.`,
      });
    }
    return rows;
  }

  private isOpen(): boolean {
    const { state } = this;
    return state === "element" || state === "string" || state === "broken";
  }

  private beginsElement(byte: number): boolean {
    switch (this.state) {
      case "between":
        return !isBlank(byte) && byte !== COMMA && byte !== CLOSE_ARRAY;
      case "element":
        // where a key had to come
        return (
          byte === OPEN_OBJECT &&
          this.last === COMMA &&
          this.stack.at(-1) === OPEN_OBJECT
        );
      case "broken":
        return (
          byte === OPEN_OBJECT &&
          this.indentation >= 0 &&
          (this.startIndentation === -1 ||
            this.indentation === this.startIndentation)
        );
      default:
        return false;
    }
  }

  private open(at: number): void {
    this.state = "element";
    this.stack.length = 0;
    this.last = 0;
    this.parts = [];
    this.size = 0;
    this.start = at;
    this.startLine = this.line;
    this.startIndentation = this.indentation;
  }

  /** @returns whether the element has ended before this byte */
  private read(byte: number): boolean {
    if (this.state === "string") this.readString(byte);
    else if (this.state === "element") return this.readElement(byte);
    else return byte === CLOSE_ARRAY && this.indentation === 0;
    return false;
  }

  private readString(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) this.state = "element";
    // no string of JSON goes on in the next line
    else if (byte === LF) this.state = "broken";
  }

  private readElement(byte: number): boolean {
    const { stack } = this;
    if (byte === QUOTE) this.state = "string";
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) stack.push(byte);
    else if (stack.length === 0) {
      if (byte === COMMA || byte === CLOSE_ARRAY) return true;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      const opened = byte === CLOSE_OBJECT ? OPEN_OBJECT : OPEN_ARRAY;
      if (stack.pop() !== opened) this.state = "broken";
    }
    if (!isBlank(byte)) this.last = byte;
    return false;
  }

  private readOutside(byte: number, at: number): void {
    if (this.state === "before") {
      if (isBlank(byte)) return;
      if (byte !== OPEN_ARRAY) {
        throw new InputError(
          "The input is no JSON array: it does not begin with [.",
        );
      }
      this.state = "between";
    } else if (this.state === "between") {
      if (byte === CLOSE_ARRAY) this.state = "after";
    } else if (this.state === "after" && !isBlank(byte)) {
      if (this.extra === 0) {
        this.startLine = this.line;
        this.start = at;
      }
      this.extra += 1;
    }
  }

  private countLines(byte: number): void {
    if (byte === LF) {
      this.line += 1;
      this.indentation = 0;
    } else if (this.indentation >= 0) {
      this.indentation = isBlank(byte) ? this.indentation + 1 : -1;
    }
  }

  private keep(part: Buffer): void {
    this.size += part.length;
    if (this.size > this.maxRowBytes) this.parts = [];
    else this.parts.push(part);
  }

  private closeElement(end: number, rows: RawRow[]): void {
    if (this.state === "broken") {
      this.closeBroken(end, rows);
    } else if (this.size > this.maxRowBytes) {
      this.emit(end, rows, NOTHING, tooLong(this.size, this.maxRowBytes));
    } else {
      this.emit(end, rows, trimmed(Buffer.concat(this.parts)));
    }
    this.state = "between";
  }

  private closeBroken(
    end: number,
    rows: RawRow[],
    reason = "A quote or a bracket is missing: its end can't be seen.",
  ): void {
    const tooLarge = this.size > this.maxRowBytes;
    const bytes = tooLarge ? NOTHING : trimmed(Buffer.concat(this.parts));
    this.emit(end, rows, bytes, { code: "invalid", reason });
  }

  private emit(
    end: number,
    rows: RawRow[],
    bytes: Buffer,
    error?: RowError,
  ): void {
    this.row += 1;
    rows.push({
      row: this.row,
      line: this.startLine,
      start: this.start,
      end,
      bytes,
      ...(error && { error }),
    });
  }
}

/** Without blanks at its end, nor the comma of an element that is broken. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (isBlank(bytes[end - 1]) || bytes[end - 1] === COMMA)) {
    end -= 1;
  }
  return bytes.subarray(0, end);
}
