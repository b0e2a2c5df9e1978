import type { CallOptions, NumberMode } from "./types";

export interface CheckedOptions {
  readonly concurrency: number;
  readonly batchSize: number;
  readonly retryForMs: number;
  readonly numbers: NumberMode | undefined;
}

const CALL = [
  ...["concurrency", "batchSize", "retryForMs", "onProgress", "signal"],
  "numbers",
];
const READ = [...CALL, "collection", "source", "sourceExcludes"];
const WRITE = [...CALL, "refresh", "strict", "idempotencyKey", "source"];
const UPDATE = [...WRITE, "retryOnConflict", "silent"];

const NUMBER_MODES: readonly NumberMode[] = ["bigint", "text"];

/** The options that each method accepts. */
const KNOWN = {
  batchGet: [...READ, "strict"],
  found: [...READ, "onNotFound", "onErrors"],
  mWrite: [...WRITE, "notify", "atomic"],
  mUpdate: UPDATE,
  batchWrite: [...UPDATE, "collection", "atomic"],
  writeStream: [
    ...UPDATE,
    ...["notify", "action", "onErrors", "onResult", "flushIntervalMs"],
  ],
  writer: [
    ...["index", "collection", "flushIntervalMs", "maxPending"],
    ...["concurrency", "batchSize", "retryForMs", "signal", "numbers"],
    ...["refresh", "source", "retryOnConflict", "silent"],
  ],
  loader: ["source", "sourceExcludes", "numbers", "strict"],
} as const satisfies Record<string, readonly string[]>;

/** @throws {RangeError} for an option that the method does not accept */
export function assertKnownOptions(
  method: keyof typeof KNOWN,
  options: object,
): void {
  const known: readonly string[] = KNOWN[method];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `${method} has no option ${unknown}; it has ${known.join(", ")}`,
    );
  }
}

/** @throws {RangeError} with the value received */
export function checkOptions({
  concurrency = 4,
  batchSize = Number.MAX_SAFE_INTEGER,
  retryForMs = 60_000,
  numbers,
}: CallOptions): CheckedOptions {
  if (numbers !== undefined && !NUMBER_MODES.includes(numbers)) {
    throw new RangeError(
      `numbers must be ${NUMBER_MODES.join(" or ")}, not ${String(numbers)}`,
    );
  }
  return {
    concurrency: atLeast(1, "concurrency", concurrency),
    batchSize: atLeast(1, "batchSize", batchSize),
    retryForMs: atLeast(0, "retryForMs", retryForMs),
    numbers,
  };
}

/** @throws {RangeError} with the value received */
export function atLeast(least: number, name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `${name} must be an integer of at least ${least}, not ${String(value)}`,
    );
  }
  return value;
}
