import { RawSource } from "./RawSource";

/**
 * Of longer texts, bytes are made here. Put together as one string, they would be
 * copied several times, and to send it Node takes three times its length of fresh
 * memory. Shorter ones are left to V8, whose heap costs less than memory outside.
 */
const LONG_TEXT = 100_000;

/** @returns the texts one after the other; bytes of UTF-8 where they are long */
export function joinTexts(
  parts: readonly (string | RawSource)[],
): string | Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length < LONG_TEXT) {
    return parts.join("");
  }
  const size = parts.reduce((sum, part) => sum + byteLength(part), 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    at +=
      typeof part === "string" ? bytes.write(part, at) : part.copyTo(bytes, at);
  }
  return bytes;
}

function byteLength(part: string | RawSource): number {
  return typeof part === "string" ? Buffer.byteLength(part) : part.byteLength;
}
