/** Requests that do as much as a request of 1 MB can. */
import type { KuzzleRequest } from "../../../features/support/transports";

/** Kuzzle's limit, minus room for the rest of the request. */
const MAX_BYTES = 1024 * 1024 - 4_000;
/** Kuzzle's limits: documentsFetchCount, documentsWriteCount. */
export const MAX_READ = 10_000;
const MAX_WRITTEN = 200;
const MAX_ATOMIC = 1_000;
const MAX_DEPTH = 500;
const MAX_REPEATS = 1_000;

export const PLACE = { index: "bounds", collection: "documents" };

/** As many entries as fit. */
function fill<T>(entry: (i: number) => T, max = Infinity): T[] {
  const entries: T[] = [];
  for (let bytes = 0; entries.length < max;) {
    const next = entry(entries.length);
    bytes += Buffer.byteLength(JSON.stringify(next)) + 1;
    if (bytes > MAX_BYTES) break;
    entries.push(next);
  }
  return entries;
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}{}${"}".repeat(levels)}`;
}

/** One field, with the bytes that remain for each of `count` documents. */
function text(count: number): string {
  return "x".repeat(Math.floor(MAX_BYTES / count) - 60);
}

const stored = fill((i) => `s${i}`, MAX_READ);
const mask = Array.from({ length: 92 }, (_, i) => `field${i}`);
/** Elasticsearch spends several milliseconds on each. */
const masked = stored.slice(0, 200);
const stars = Array.from({ length: 8 }, (_, i) => `*${i}`);

type Bodies = Readonly<
  Record<string, Readonly<Record<string, unknown> & { body: object }>>
>;

const BODIES: Readonly<Record<string, Bodies>> = {
  batchGet: {
    "documents of 6 KB": { body: { ids: stored } },
    "documents, under a long mask": {
      body: { ids: masked },
      source: [...mask, ...stars].join(","),
    },
    "documents, all but": {
      body: { ids: masked },
      sourceExcludes: stars.join(","),
    },
    "answer as JSON text": { body: { ids: stored }, json: true },
    "missing ids of 100 bytes": {
      body: { ids: fill((i) => `${i}-${"x".repeat(90)}`, MAX_READ) },
    },
    addresses: {
      body: {
        documents: fill(
          (i) => ({ _id: `s${i}`, collection: PLACE.collection }),
          MAX_READ,
        ),
      },
    },
    "addresses, each of another collection": {
      body: { documents: fill((i) => ({ _id: "a", collection: `c${i}` })) },
    },
    "invalid ids": { body: { ids: fill(() => 1) } },
  },
  mWrite: {
    "empty bodies": { body: { documents: fill(() => ({ body: {} })) } },
    "bodies as text": {
      body: { documents: fill((i) => ({ _id: `t${i}`, json: "{}" })) },
    },
    "one large body": { body: { documents: [{ body: { text: text(1) } }] } },
    "one body of many fields": {
      body: {
        documents: [
          { body: Object.fromEntries(fill((i) => [`f${i}`, i] as const)) },
        ],
      },
    },
    "deep bodies": {
      body: {
        documents: fill((i) => ({ _id: `d${i}`, json: nested(MAX_DEPTH - 2) })),
      },
    },
    "one body too deep": {
      body: { documents: [{ body: JSON.parse(nested(3_000)) as object }] },
    },
    "repeats of one id": {
      body: {
        documents: fill(
          (i) => ({ _id: "one", body: { i, text: text(MAX_REPEATS) } }),
          MAX_REPEATS,
        ),
      },
    },
    "strict, all invalid": {
      body: { documents: fill(() => ({ _id: 1, body: 1 })) },
      strict: true,
    },
    "defective items": { body: { documents: fill(() => 0) } },
    "with a key": {
      body: { documents: fill((i) => ({ _id: `k${i}`, body: {} })) },
      idempotencyKey: "bounds",
    },
    "the key again": {
      body: { documents: fill((i) => ({ _id: `k${i}`, body: {} })) },
      idempotencyKey: "bounds",
    },
    atomic: {
      body: {
        documents: fill(
          (i) => ({ _id: `a${i}`, body: { text: text(MAX_ATOMIC) } }),
          MAX_ATOMIC,
        ),
      },
      atomic: true,
    },
  },
  mUpdate: {
    "large changes": {
      body: {
        documents: fill(
          (i) => ({ _id: `s${i}`, body: { text: text(MAX_WRITTEN) } }),
          MAX_WRITTEN,
        ),
      },
      source: true,
    },
    "many fields": {
      body: {
        documents: [
          {
            _id: "s1",
            body: Object.fromEntries(fill((i) => [`f${i}`, i] as const)),
          },
        ],
      },
    },
    "defective items": { body: { documents: fill(() => 0) } },
  },
  batchWrite: {
    "write, without ids": operations(() => ({ write: { body: {} } })),
    "write, as text": operations((i) => ({
      write: { _id: `t${i}`, json: "{}" },
    })),
    "write, of a few ids": operations((i) => ({
      write: { _id: `r${i % 20}`, body: { text: "long enough".repeat(100) } },
    })),
    "delete, of what is not there": operations((i) => ({
      delete: { _id: `nowhere${i}` },
    })),
    "delete, in turns with write": operations((i) => ({
      [i % 2 === 0 ? "write" : "delete"]: { _id: `w${i}`, body: {} },
    })),
    "update, each of another collection": operations((i) => ({
      update: { _id: "a", collection: `c${i}`, body: {} },
    })),
    "no operations at all": operations(() => ({})),
    "unknown operations": operations(() => ({ destroy: { _id: "a" } })),
    "one of many fields": operations((i) => (i === 0 ? {} : { [`f${i}`]: i })),
  },
};

function operations(entry: (i: number) => object): { body: object } {
  return { body: { operations: fill(entry) } };
}

/** By action and what is large about them. */
export const REQUESTS: ReadonlyArray<
  readonly [action: string, what: string, request: KuzzleRequest]
> = Object.entries(BODIES).flatMap(([action, bodies]) =>
  Object.entries(bodies).map(
    ([what, request]) =>
      [
        action,
        what,
        { controller: "batch", action, ...PLACE, ...request },
      ] as const,
  ),
);
