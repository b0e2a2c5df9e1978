const BYTES = 16;

/**
 * 128 random bits in hexadecimal: ids and idempotency keys. `randomUUID` is not
 * there in a browser on a page without TLS; this is.
 */
export function randomText(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
