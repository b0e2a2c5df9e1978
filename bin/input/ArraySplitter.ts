import { PathFinder } from "./PathFinder";
import {
  InputBrokenOff,
  InputError,
  isBlank,
  LF,
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
 * `before` the array, `between` two elements, in an `element` or its `string`, `after`.
 */
type State = "before" | "between" | "element" | "string" | "after" | "broken";

/**
 * A row is an element of a JSON array, on any number of lines.
 *
 * An element that is not valid JSON is still a row if its quotes and brackets are
 * balanced. If they are not, the start of the next element is unknown: the rows before
 * it are returned, and the next call throws.
 */
export class ArraySplitter implements Splitter {
  private state: State = "before";
  private isEscaped = false;
  /** the open brackets of the element */
  private readonly brackets: number[] = [];
  private reason = "";

  private offset = 0;
  private line = 1;
  private row = 0;

  private parts: Buffer[] = [];
  private start = 0;
  private startLine = 0;
  private size = 0;

  private readonly finder: PathFinder | undefined;

  /**
   * @param path keys that lead to the array: `result.documents`; default: the input
   *   itself
   */
  constructor(
    private readonly maxRowBytes: number,
    private readonly path?: string,
  ) {
    this.finder =
      path === undefined ? undefined : new PathFinder(path.split("."));
  }

  /**
   * @throws InputError if the input is not an array
   * @throws InputBrokenOff after a broken element
   */
  push(bytes: Buffer): RawRow[] {
    this.assertSound();
    const rows: RawRow[] = [];
    // where the open element starts, or goes on, in these bytes
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.state === "between" && isElementStart(byte)) {
        from = at;
        this.begin(this.offset + at);
      }
      if (this.state === "string") this.readString(byte);
      else if (this.state !== "element") this.readOutside(byte);
      else if (this.endsElement(byte)) {
        this.keep(bytes.subarray(from, at));
        rows.push(this.take(this.offset + at));
        this.state = byte === CLOSE_ARRAY ? "after" : "between";
      } else this.readElement(byte);
      if (this.state === "broken") break;
      if (byte === LF) this.line += 1;
    }
    if (this.isInElement()) this.keep(bytes.subarray(from));
    this.offset += bytes.length;
    return rows;
  }

  /** @throws InputBrokenOff unless the array has ended */
  end(): RawRow[] {
    this.assertSound();
    if (this.state === "before" && this.path !== undefined) {
      throw new InputError(`The input has no array at ${this.path}.`);
    }
    if (this.state === "after" || this.state === "before") return [];
    const line = this.isInElement() ? this.startLine : this.line;
    this.break(line, "the input ends before the array does");
    this.assertSound();
    return [];
  }

  private isInElement(): boolean {
    return this.state === "element" || this.state === "string";
  }

  private begin(at: number): void {
    this.state = "element";
    this.brackets.length = 0;
    this.parts = [];
    this.size = 0;
    this.start = at;
    this.startLine = this.line;
  }

  private endsElement(byte: number): boolean {
    return (
      this.brackets.length === 0 && (byte === COMMA || byte === CLOSE_ARRAY)
    );
  }

  private readElement(byte: number): void {
    const { brackets } = this;
    if (byte === QUOTE) this.state = "string";
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) brackets.push(byte);
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      const opened = byte === CLOSE_OBJECT ? OPEN_OBJECT : OPEN_ARRAY;
      if (brackets.pop() === opened) return;
      this.break(this.startLine, "a bracket of the element is missing");
    }
  }

  private readString(byte: number): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) this.state = "element";
    // a JSON string cannot contain a line break
    else if (byte === LF) {
      this.break(this.startLine, "a quote of the element is missing");
    }
  }

  private readOutside(byte: number): void {
    if (this.finder !== undefined && this.state !== "between") {
      if (this.state === "before" && this.finder.push(byte)) {
        this.state = "between";
      }
      return;
    }
    if (isBlank(byte)) return;
    if (this.state === "before") {
      if (byte !== OPEN_ARRAY) {
        throw new InputError("The input is not a JSON array: it has no [.");
      }
      this.state = "between";
    } else if (this.state === "after") {
      this.break(this.line, "there is text after the end of the array");
    } else if (byte === CLOSE_ARRAY) this.state = "after";
  }

  private break(line: number, reason: string): void {
    this.state = "broken";
    this.reason = `line ${line}: The JSON array cannot be read any further: ${reason}.`;
  }

  private assertSound(): void {
    if (this.state === "broken") throw new InputBrokenOff(this.reason);
  }

  private keep(part: Buffer): void {
    this.size += part.length;
    if (this.size > this.maxRowBytes) this.parts = [];
    else this.parts.push(part);
  }

  private take(end: number): RawRow {
    this.row += 1;
    const { row, start, startLine: line, size, maxRowBytes } = this;
    const isLong = size > maxRowBytes;
    const bytes = isLong ? NOTHING : trimmed(Buffer.concat(this.parts));
    const error = isLong && { error: tooLong(size, maxRowBytes) };
    return { row, line, start, end, bytes, ...error };
  }
}

function isElementStart(byte: number): boolean {
  return !isBlank(byte) && byte !== COMMA && byte !== CLOSE_ARRAY;
}

/** Without trailing whitespace. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isBlank(bytes[end - 1])) end -= 1;
  return bytes.subarray(0, end);
}
