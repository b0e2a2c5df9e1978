import assert from "node:assert/strict";
import { createHash } from "node:crypto";

/**
 * Distinguishes inputs by the hash of their first bytes, up to the end of any row.
 * Keeps only the last bytes of the input in memory.
 */
export class Fingerprint {
  private readonly hash = createHash("sha256");
  private read = 0;
  private hashed = 0;
  private pending: Buffer[] = [];
  /** the end of the last row, and the digest there, in case more has been hashed */
  private lastEnd = 0;
  private lastDigest: string | undefined;

  /** @param keptBytes how far back a row may still end */
  constructor(private readonly keptBytes: number) {}

  /** Adds bytes of the input, and the rows that they complete. */
  push(bytes: Buffer, rows: ReadonlyArray<{ readonly end: number }>): void {
    this.pending.push(bytes);
    this.read += bytes.length;
    const last = rows.at(-1);
    if (last !== undefined) {
      this.lastEnd = last.end;
      this.lastDigest = undefined;
    } else if (this.read - this.hashed > 2 * this.keptBytes) {
      this.lastDigest ??= this.digestUpTo(this.lastEnd);
      this.hashUpTo(this.read - this.keptBytes);
    }
  }

  /** @param offset the end of a row, never less than in an earlier call */
  digestUpTo(offset: number): string {
    if (this.lastDigest !== undefined && offset === this.lastEnd) {
      return this.lastDigest;
    }
    this.hashUpTo(offset);
    assert.ok(this.hashed <= offset, "a digest of what has gone by");
    return this.hash.copy().digest("base64url");
  }

  private hashUpTo(offset: number): void {
    for (
      let bytes = this.pending[0];
      bytes !== undefined && this.hashed < offset;
      bytes = this.pending[0]
    ) {
      const some = bytes.subarray(0, offset - this.hashed);
      this.hash.update(some);
      this.hashed += some.length;
      if (some.length === bytes.length) this.pending.shift();
      else this.pending[0] = bytes.subarray(some.length);
    }
  }
}
