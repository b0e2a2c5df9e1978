import type { CallOptions } from "./types";

export interface CheckedOptions {
  readonly concurrency: number;
  readonly batchSize: number;
  readonly retryForMs: number;
}

/** @throws {RangeError} with the value received */
export function checkOptions({
  concurrency = 4,
  batchSize = Number.MAX_SAFE_INTEGER,
  retryForMs = 60_000,
}: CallOptions): CheckedOptions {
  return {
    concurrency: atLeast(1, "concurrency", concurrency),
    batchSize: atLeast(1, "batchSize", batchSize),
    retryForMs: atLeast(0, "retryForMs", retryForMs),
  };
}

function atLeast(least: number, name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `${name} must be an integer of at least ${least}, not ${String(value)}`,
    );
  }
  return value;
}
