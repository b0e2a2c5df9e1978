import {
  ChunkFiller,
  type FilledChunk,
} from "../../lib/core/planning/ChunkFiller";

/**
 * The limits of a request. A request is everything that is sent, as UTF-8: over HTTP
 * the body, over WebSocket and MQTT the arguments as well.
 *
 * @public
 */
export interface SplitLimits {
  /** Bytes of a whole request. Default: Kuzzle's `server.maxRequestSize`, 1 MiB. */
  readonly maxBytes?: number;
  /** Items per request. Default: limited only by bytes. */
  readonly maxCount?: number;
  /**
   * Bytes of the request with an empty list: brackets, arguments, token. Default: 16
   * KiB, which leaves room for a long token.
   */
  readonly envelopeBytes?: number;
}

/**
 * Items of one request: a contiguous part of the input that starts at `position`.
 *
 * @public
 */
export interface Chunk<T> {
  readonly kind: "chunk";
  /** The position of the first item in the input, from 0. */
  readonly position: number;
  /** One or more, in the order of the input. */
  readonly items: readonly T[];
  /** The size of the request including its envelope, at most `maxBytes`. */
  readonly bytes: number;
}

/** An item that fits into no request; the caller decides what to do with it. @public */
export interface TooLarge<T> {
  readonly kind: "too_large";
  readonly position: number;
  readonly item: T;
  /** The size of a request with only this item, more than `maxBytes`. */
  readonly bytes: number;
}

/**
 * Kuzzle's default `server.maxRequestSize`. Above it, HTTP answers 413 and a WebSocket
 * closes.
 *
 * @public
 */
export const KUZZLE_MAX_REQUEST_BYTES = 1024 * 1024;

const DEFAULT_ENVELOPE_BYTES = 16 * 1024;
const COMMA = 1;

/**
 * Splits items into requests that Kuzzle accepts, each as full as possible.
 *
 * Lazy: an item is read from the input only when its part, or the part that it completes,
 * is requested, so the input may be larger than memory. Every item is in exactly one
 * part, and the parts are in the order of the input.
 *
 * The size of an item is that of its JSON. An item that JSON cannot express (a cycle, a
 * BigInt) throws JSON's own error when it is reached, which ends the splitting.
 *
 * @throws RangeError for a limit that is not a positive integer, or an envelope
 *   that leaves no room.
 *
 * @example
 * for (const part of split(documents)) {
 *   if (part.kind === "too_large") report(part.position, part.bytes);
 *   else await send({ documents: part.items });
 * }
 *
 * @public
 */
export function split<T>(
  items: Iterable<T>,
  limits: SplitLimits = {},
): Generator<Chunk<T> | TooLarge<T>, void, undefined> {
  // Checked here, not when the generator first runs.
  return parts(items, checkLimits(limits));
}

/**
 * Bytes of a text as UTF-8; an unpaired surrogate becomes the three bytes of U+FFFD.
 *
 * @public
 */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (isPair(text, i)) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

function* parts<T>(
  items: Iterable<T>,
  limits: Required<SplitLimits>,
): Generator<Chunk<T> | TooLarge<T>, void, undefined> {
  const splitter = new Splitter<T>(limits, jsonBytes);
  for (const item of items) {
    yield* splitter.push(item);
  }
  yield* splitter.flush();
}

/** Splits items that arrive one by one. @internal */
export class Splitter<T> {
  private readonly filler: ChunkFiller<T>;
  private readonly envelopeBytes: number;
  /** for items with a comma each; the last one has none, hence one more byte */
  private readonly room: number;
  /** position of the first item that is in no part yet */
  private position = 0;

  /**
   * @param bytesOf the size of an item in a request, without its comma
   * @throws RangeError as `split`
   */
  constructor(
    limits: SplitLimits,
    private readonly bytesOf: (item: T) => number = jsonBytes,
  ) {
    const { maxBytes, maxCount, envelopeBytes } = checkLimits(limits);
    this.envelopeBytes = envelopeBytes;
    this.room = maxBytes - envelopeBytes + COMMA;
    this.filler = new ChunkFiller({ maxCount, maxSize: this.room });
  }

  /**
   * @returns what an item completes: the chunk before it, itself if too large, the
   *   chunk with it
   */
  push(item: T): (Chunk<T> | TooLarge<T>)[] {
    const size = this.bytesOf(item) + COMMA;
    if (size <= this.room) {
      return this.chunks(this.filler.add(item, size));
    }
    const before = this.flush();
    const position = this.position++;
    const bytes = this.bytesWith(size);
    return [...before, { kind: "too_large", position, item, bytes }];
  }

  /** @returns the open chunk, if any */
  flush(): Chunk<T>[] {
    return this.chunks(this.filler.flush());
  }

  private chunks(filled: readonly FilledChunk<T>[]): Chunk<T>[] {
    return filled.map(({ items, size }) => {
      const { position } = this;
      this.position += items.length;
      return { kind: "chunk", position, items, bytes: this.bytesWith(size) };
    });
  }

  /** Bytes of a request. @param size size of its items, each with a comma */
  private bytesWith(size: number): number {
    return this.envelopeBytes + size - COMMA;
  }
}

/**
 * In a list, a value that JSON cannot represent (undefined, a function) is null.
 *
 * @internal
 */
export function jsonBytes(item: unknown): number {
  return utf8Bytes(JSON.stringify(item) ?? "null");
}

function isPair(text: string, at: number): boolean {
  const high = text.charCodeAt(at);
  const low = text.charCodeAt(at + 1); // NaN at the end
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

function checkLimits(limits: SplitLimits): Required<SplitLimits> {
  const {
    maxBytes = KUZZLE_MAX_REQUEST_BYTES,
    maxCount = Number.MAX_SAFE_INTEGER,
    envelopeBytes = DEFAULT_ENVELOPE_BYTES,
  } = limits;
  const checked = { maxBytes, maxCount, envelopeBytes };
  for (const [name, value] of Object.entries(checked)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a positive integer, not ${value}`);
    }
  }
  if (envelopeBytes >= maxBytes) {
    throw new RangeError(
      `envelopeBytes (${envelopeBytes}) leaves no room in maxBytes (${maxBytes})`,
    );
  }
  return checked;
}
