import {
  CR,
  isBlankText,
  LF,
  type RowError,
  type RawRow,
  type Splitter,
  tooLong,
} from "./rawRow";

const QUOTE = 0x22;
const NOTHING = Buffer.alloc(0);

const NOT_CLOSED: RowError = {
  code: "invalid",
  reason: "A quoted field is not closed, or text follows its closing quote.",
};

/** Where a byte is within a record. */
type State = "fieldStart" | "plain" | "quoted" | "afterQuote" | "broken";

/** The result of looking for the end of a record. */
type Found = "record" | "open" | "broken";

/**
 * A row is a record of RFC 4180: one line, or several if a quoted field has line
 * breaks.
 *
 * If a quoted field is not closed properly (text follows the quote, the input ends, it
 * is too long to keep), only the line on which the record starts is invalid, and the
 * next record starts on the next line. csv-parse, with its `skip_records_with_error`,
 * skips everything up to the next closing quote, and its `raw` is text, which loses the
 * bytes of a row that is not UTF-8. It is therefore only used for the cells of records
 * that were split here.
 */
export class CsvSplitter implements Splitter {
  /** what was read, from the first byte of the open record on */
  private held: Buffer = NOTHING;
  private at = 0;
  private state: State = "fieldStart";
  private lines = 0;

  private offset = 0;
  private line = 1;
  private row = 0;
  /** in a line that is too long: how many of its bytes were skipped */
  private passedOver = 0;

  constructor(
    private readonly delimiter: number,
    private readonly maxRowBytes: number,
  ) {}

  push(bytes: Buffer): RawRow[] {
    this.held =
      this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    return this.cut(false);
  }

  end(): RawRow[] {
    return this.cut(true);
  }

  private cut(isLast: boolean): RawRow[] {
    const rows: RawRow[] = [];
    let from = 0;
    while (from < this.held.length) {
      const next = this.takeNext(from, isLast, rows);
      if (next === undefined) break;
      from = next;
    }
    this.offset += from;
    this.held = this.held.subarray(from);
    return rows;
  }

  /** @returns where the next record starts; undefined if this one goes on */
  private takeNext(
    from: number,
    isLast: boolean,
    rows: RawRow[],
  ): number | undefined {
    const found = this.find(from, isLast);
    if (found === "open") return undefined;
    if (found === "record") return this.takeRecord(from, rows);
    this.state = "broken";
    return this.takeLine(from, isLast, rows);
  }

  /** Reads on to the end of the record that starts at `from`. */
  private find(from: number, isLast: boolean): Found {
    const { held } = this;
    if (this.state === "broken") return "broken";
    for (; from + this.at < held.length; this.at++) {
      if (this.at > this.maxRowBytes) return "broken";
      const byte = held[from + this.at] as number;
      if (byte === LF) this.lines += 1;
      if (this.state === "quoted") {
        if (byte === QUOTE) this.state = "afterQuote";
      } else if (byte === LF) {
        this.at += 1;
        return "record";
      } else if (byte === this.delimiter) {
        this.state = "fieldStart";
      } else if (this.state === "afterQuote") {
        if (byte === QUOTE) this.state = "quoted";
        else if (byte !== CR) return "broken";
      } else {
        const opens: boolean = this.state === "fieldStart" && byte === QUOTE;
        this.state = opens ? "quoted" : "plain";
      }
    }
    if (!isLast) return "open";
    return this.state === "quoted" ? "broken" : "record";
  }

  private takeRecord(from: number, rows: RawRow[]): number {
    const next = from + this.at;
    const bytes = withoutLineEnd(this.held.subarray(from, next));
    if (!isBlankText(bytes)) this.emit(from, next, bytes, rows);
    this.line += this.lines;
    this.begin();
    return next;
  }

  /** @returns undefined if the end of the line has not arrived yet */
  private takeLine(
    from: number,
    isLast: boolean,
    rows: RawRow[],
  ): number | undefined {
    const lf = this.held.indexOf(LF, from);
    const next = lf === -1 ? this.held.length : lf + 1;
    const size = this.passedOver + next - from;
    const isLong = size > this.maxRowBytes;
    if (lf === -1 && !isLast) {
      if (!isLong) return undefined;
      this.passedOver = size;
      return next;
    }
    const bytes = isLong ? NOTHING : this.held.subarray(from, next);
    this.emit(
      from - this.passedOver,
      next,
      withoutLineEnd(bytes),
      rows,
      isLong ? tooLong(size, this.maxRowBytes) : NOT_CLOSED,
    );
    this.line += 1;
    this.passedOver = 0;
    this.begin();
    return next;
  }

  private begin(): void {
    this.at = 0;
    this.lines = 0;
    this.state = "fieldStart";
  }

  private emit(
    from: number,
    next: number,
    bytes: Buffer,
    rows: RawRow[],
    error?: RowError,
  ): void {
    this.row += 1;
    rows.push({
      row: this.row,
      line: this.line,
      start: this.offset + from,
      end: this.offset + next,
      bytes,
      ...(error && { error }),
    });
  }
}

function withoutLineEnd(bytes: Buffer): Buffer {
  const lf = bytes.at(-1) === LF ? 1 : 0;
  const cr = bytes.at(-1 - lf) === CR ? 1 : 0;
  return bytes.subarray(0, bytes.length - lf - cr);
}
