const BYTES = 16;

/**
 * 128 random bits in hexadecimal, for ids and idempotency keys. Browsers offer
 * `randomUUID` only on secure pages, but this everywhere.
 */
export function randomText(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
