import { CR, LF, type RawRow, type Splitter } from "./rawRow";

/**
 * Lets a splitter that only knows LF read lines that end with CR, as old spreadsheets
 * write them. The first line break of the input decides.
 */
export class LineEnds implements Splitter {
  /** undefined: no line has ended yet */
  private isCr: boolean | undefined;
  /** a trailing CR: the next byte decides */
  private held: Buffer | undefined;

  constructor(private readonly splitter: Splitter) {}

  push(bytes: Buffer): RawRow[] {
    const all = this.held ? Buffer.concat([this.held, bytes]) : bytes;
    this.held = undefined;
    this.isCr ??= this.decide(all);
    if (this.held !== undefined) return [];
    return this.splitter.push(this.isCr === true ? withLf(all) : all);
  }

  end(): RawRow[] {
    const { held } = this;
    const rows = held ? this.splitter.push(withLf(held)) : [];
    return [...rows, ...this.splitter.end()];
  }

  private decide(bytes: Buffer): boolean | undefined {
    const at = bytes.findIndex((byte) => byte === CR || byte === LF);
    if (at === -1) return undefined;
    if (bytes[at] === LF) return false;
    if (at === bytes.length - 1) {
      this.held = bytes;
      return undefined;
    }
    return bytes[at + 1] !== LF;
  }
}

function withLf(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(CR); at !== -1; at = copy.indexOf(CR, at)) {
    copy[at] = LF;
  }
  return copy;
}
