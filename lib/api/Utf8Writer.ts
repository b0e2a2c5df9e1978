import type { RawSource } from "../types";

/** Of one unit of a JavaScript string, at most. */
const BYTES_PER_UNIT = 3;

/** Puts pieces one behind the other, each copied once. */
export class Utf8Writer {
  private buffer: Buffer;
  private at = 0;

  /** @param bytes about what is to come; it grows by itself */
  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(Math.max(bytes, 1024));
  }

  text(text: string): void {
    this.makeRoom(text.length * BYTES_PER_UNIT);
    this.at += this.buffer.write(text, this.at);
  }

  raw({ answer, start, end, length }: RawSource): void {
    this.makeRoom(length);
    this.buffer.set(answer.subarray(start, end), this.at);
    this.at += length;
  }

  /** What was written so far, not a copy of it. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  private makeRoom(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.buffer.length) {
      return;
    }
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
}
