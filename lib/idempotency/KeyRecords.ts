import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";

import { batchError } from "../errors";
import type { SharedCache } from "../kuzzle/KuzzleServices";
import type { StoredError } from "./outcome";

/** One execution of a request under its key. */
export interface Run {
  /** distinguishes it from other runs of the same key */
  readonly run: string;
  /** fingerprint of the request */
  readonly request: string;
  readonly node: string;
}

/**
 * The record of a key, in the cache that all nodes share.
 *
 * `running`: its node, if alive, may still be processing it. `abandoned`: other
 * requests got the response that its outcome is unknown.
 */
export type KeyRecord = Run &
  (
    | { readonly state: "running"; readonly confirmed?: true }
    | { readonly state: "abandoned" }
    | { readonly state: "done"; readonly answer: object }
    | { readonly state: "failed"; readonly error: StoredError }
  );

/** How long the first response to a key is kept. */
const KEPT_MS = 24 * 3_600_000;

/** The maximum time that a request waits for the cache. */
export const CACHE_WAIT_MS = 3_000;

/** Larger records are compressed, since their outcomes are very similar. */
const COMPRESSED_FROM_BYTES = 16 * 1024;

/** The maximum size of one key in the cache, in bytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;

const COMPRESSED = "deflate:";

/** The records of keys. Each call has a time limit: see `CACHE_WAIT_MS`. */
export class KeyRecords {
  constructor(
    private readonly cache: SharedCache,
    private readonly waitMs = CACHE_WAIT_MS,
  ) {}

  /** @returns the record of the key: the given one, or another if it already existed */
  async claim(key: string, record: KeyRecord): Promise<KeyRecord> {
    const text = await encode(record);
    for (;;) {
      if (await this.bounded(this.cache.create(key, text, KEPT_MS))) {
        return record;
      }
      const known = await this.read(key);
      // none: the first run did nothing, and its key is free again. Our own: the
      // response to an earlier attempt was lost, and the Redis client tried again
      if (known !== null) {
        return known;
      }
    }
  }

  async read(key: string): Promise<KeyRecord | null> {
    const text = await this.bounded(this.cache.read(key));
    return text === null ? null : decode(text);
  }

  /**
   * Compare-and-set.
   *
   * @param next null: the key is free again
   * @returns false when the record of the key is not `expected`
   */
  async replace(
    key: string,
    expected: KeyRecord,
    next: KeyRecord | null,
  ): Promise<boolean> {
    const text = next === null ? null : await encode(next);
    if (text !== null && text.length > MAX_RECORD_BYTES) {
      throw new Error(`${text.length} bytes are too many to be kept`);
    }
    const before = await encode(expected);
    return (
      (await this.bounded(this.cache.replace(key, before, text, KEPT_MS))) ||
      // the response to an earlier attempt was lost, and the Redis client tried again
      (await this.bounded(this.cache.read(key))) === text
    );
  }

  /** @throws `batch.idempotency.unavailable` when the cache does not respond */
  async bounded<Value>(call: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(batchError("batch.idempotency.unavailable", {})),
        this.waitMs,
      );
    });
    try {
      return await Promise.race([call, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function encode(record: KeyRecord): Promise<string> {
  const text = JSON.stringify(record);
  if (text.length < COMPRESSED_FROM_BYTES) {
    return text;
  }
  const bytes = await promisify(deflateRaw)(text, { level: 1 });
  return `${COMPRESSED}${bytes.toString("base64")}`;
}

async function decode(text: string): Promise<KeyRecord> {
  const json = text.startsWith(COMPRESSED)
    ? String(
        await promisify(inflateRaw)(
          Buffer.from(text.slice(COMPRESSED.length), "base64"),
        ),
      )
    : text;
  return JSON.parse(json) as KeyRecord;
}
