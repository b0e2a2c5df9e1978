import {
  CR,
  isBlankText,
  LF,
  type RawRow,
  type Splitter,
  tooLong,
} from "./rawRow";

const NOTHING = Buffer.alloc(0);

/** A row is a line. Lines end with LF or CR LF; blank ones are skipped. */
export class LineSplitter implements Splitter {
  private parts: Buffer[] = [];
  /** bytes of the open line, including those that are not kept */
  private open = 0;
  private start = 0;
  private line = 1;
  private row = 0;

  constructor(private readonly maxRowBytes: number) {}

  push(bytes: Buffer): RawRow[] {
    const rows: RawRow[] = [];
    let from = 0;
    for (
      let lf = bytes.indexOf(LF, from);
      lf !== -1;
      lf = bytes.indexOf(LF, from)
    ) {
      this.keep(bytes.subarray(from, lf));
      from = lf + 1;
      this.close(1, rows);
    }
    this.keep(bytes.subarray(from));
    return rows;
  }

  end(): RawRow[] {
    const rows: RawRow[] = [];
    if (this.open > 0) this.close(0, rows);
    return rows;
  }

  private keep(part: Buffer): void {
    this.open += part.length;
    if (this.open > this.maxRowBytes) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  private close(lineEnd: number, rows: RawRow[]): void {
    const size = this.open;
    const end = this.start + size + lineEnd;
    const bytes = size > this.maxRowBytes ? NOTHING : this.text();
    if (size > this.maxRowBytes || !isBlankText(bytes)) {
      this.row += 1;
      rows.push({
        row: this.row,
        line: this.line,
        start: this.start,
        end,
        bytes,
        ...(size > this.maxRowBytes && {
          error: tooLong(size, this.maxRowBytes),
        }),
      });
    }
    this.parts = [];
    this.open = 0;
    this.start = end;
    this.line += 1;
  }

  private text(): Buffer {
    const [first = NOTHING, ...others] = this.parts;
    const line = others.length === 0 ? first : Buffer.concat(this.parts);
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }
}
