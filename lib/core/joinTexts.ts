import { RawSource } from "./RawSource";

/**
 * Longer texts are joined as bytes. As one string, they would be copied several times,
 * and to send it Node would allocate three times its length. Shorter ones are left to
 * V8, whose heap is cheaper than memory outside it.
 */
const LONG_TEXT = 100_000;

/** @returns the concatenated texts; bytes of UTF-8 if they are long */
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
