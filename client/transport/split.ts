import {
  ChunkFiller,
  type FilledChunk,
} from "../../lib/core/planning/ChunkFiller";

/**
 * What a request may hold at most. A request is everything that is sent, as
 * UTF-8: over HTTP the body, over WebSocket and MQTT the arguments as well.
 *
 * @public
 */
export interface SplitLimits {
  /** Bytes of a whole request. Default: Kuzzle's own `server.maxRequestSize`, 1 MiB. */
  readonly maxBytes?: number;
  /** Items of a request. Default: no limit but the bytes. */
  readonly maxCount?: number;
  /**
   * Bytes of the request with an empty list: brackets, arguments, token.
   * Default: 16 KiB, which leaves room for a long token.
   */
  readonly envelopeBytes?: number;
}

/** Items that go in one request: the input from `position` on, without a gap. @public */
export interface Chunk<T> {
  readonly kind: "chunk";
  /** The place of the first item in the input, from 0. */
  readonly position: number;
  /** One or more, in the order of the input. */
  readonly items: readonly T[];
  /** The request's size with its envelope, at most `maxBytes`. */
  readonly bytes: number;
}

/** An item that no request can hold: it is for the caller to say so, or to shorten it. @public */
export interface TooLarge<T> {
  readonly kind: "too_large";
  readonly position: number;
  readonly item: T;
  /** The size of a request that held this item alone, more than `maxBytes`. */
  readonly bytes: number;
}

/** Kuzzle's default `server.maxRequestSize`: above, HTTP answers 413 and a WebSocket closes. @public */
export const KUZZLE_MAX_REQUEST_BYTES = 1024 * 1024;

const DEFAULT_ENVELOPE_BYTES = 16 * 1024;
const COMMA = 1;

/**
 * Splits items into requests that Kuzzle takes, each as full as it can be.
 *
 * Lazy: an item is read from the input when the part that it belongs to, or ends,
 * is asked for, so that the input may be larger than the memory. Every item is in
 * exactly one part, and the parts follow the input.
 *
 * An item counts with the size of its JSON; what JSON cannot express (a cycle, a
 * BigInt) throws JSON's own error when its turn comes, and ends the splitting.
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
  // Checked here, not at the first step of the generator.
  return parts(items, checkLimits(limits));
}

/** Bytes of a text as UTF-8; an unpaired surrogate becomes the three of U+FFFD. @public */
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

/** The same for items that come one by one. @internal */
export class Splitter<T> {
  private readonly filler: ChunkFiller<T>;
  private readonly envelopeBytes: number;
  /** for the items with a comma each, of which the last has none */
  private readonly room: number;
  /** of the first item that is in no part yet */
  private position = 0;

  /**
   * @param bytesOf an item's share of a request, its comma aside
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

  /** @returns what an item ends: a chunk before it, itself when too large, a chunk with it */
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

  /** @returns the chunk that is open, if any */
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

  /** Bytes of a request. @param size of its items with a comma each */
  private bytesWith(size: number): number {
    return this.envelopeBytes + size - COMMA;
  }
}

/** In a list, what has no JSON of its own (undefined, a function) is null. @internal */
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
