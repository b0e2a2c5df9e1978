import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

import { zstdUnpacker } from "../output/compression";
import { InputError } from "./rawRow";

const READ_BYTES = 128 * 1024;

/** Bytes to be read once, decompressed if necessary. */
export interface Source {
  /** the file's path, or `-` */
  readonly name: string;
  /** the size of the file on disk; undefined if unknown */
  readonly totalBytes: number | undefined;
  /** how much of `totalBytes` has been read */
  readBytes(): number;
  /** the decompressed bytes, without a byte order mark */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Opens a file, or standard input if the name is `-`.
 *
 * @param signal ends the reading, even while no input arrives: the next read throws
 * @throws InputError if it cannot be opened, or is UTF-16
 */
export async function openSource(
  name: string,
  signal: AbortSignal,
): Promise<Source> {
  const { stream, totalBytes } =
    name === "-"
      ? { stream: process.stdin, totalBytes: undefined }
      : await openFile(name);
  const stop = () => void stream.destroy();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  let readBytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      readBytes += bytes.length;
      yield bytes;
    }
  }
  return {
    name,
    totalBytes,
    readBytes: () => readBytes,
    bytes: await unpack(counted()),
  };
}

async function openFile(name: string) {
  try {
    const file = await open(name);
    const stat = await file.stat();
    if (stat.isDirectory()) throw new Error("it is a directory");
    const totalBytes = stat.isFile() ? stat.size : undefined;
    const stream = createReadStream(name, {
      fd: file,
      highWaterMark: READ_BYTES,
    });
    return { stream, totalBytes };
  } catch (error) {
    throw new InputError(
      `${name} cannot be opened: ${(error as Error).message}`,
    );
  }
}

/** Detects the compression by the first bytes. */
async function unpack(
  packed: AsyncGenerator<Buffer>,
): Promise<AsyncIterable<Buffer>> {
  const { first, all } = await peek(packed, 4);
  const unpacker = unpackerFor(first);
  if (unpacker !== undefined) {
    const { all: bytes, first: start } = await peek(unpacker(all), 3);
    return withoutMark(start, bytes);
  }
  return withoutMark(first, all);
}

/** @throws UsageError for zstd, if this version of Node lacks it */
function unpackerFor(first: Buffer): Unpacker | undefined {
  if (first.length >= 2 && first.readUInt16BE(0) === GZIP) return gunzip;
  return first.length >= 4 && first.readUInt32LE(0) === ZSTD
    ? zstdUnpacker(READ_BYTES)
    : undefined;
}

type Unpacker = (packed: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

/** Errors are thrown where the output is read. */
function gunzip(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const unzip = createGunzip({ chunkSize: READ_BYTES });
  return pipeline(packed, unzip, () => undefined);
}

const GZIP = 0x1f8b;
const ZSTD = 0xfd2fb528;

function withoutMark(
  first: Buffer,
  bytes: AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  const [one, two, three] = first;
  if ((one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)) {
    throw new InputError(
      "The input is UTF-16: convert it to UTF-8 first, with iconv -f UTF-16 -t UTF-8.",
    );
  }
  return one === 0xef && two === 0xbb && three === 0xbf
    ? skip(bytes, 3)
    : bytes;
}

async function* skip(
  bytes: AsyncIterable<Buffer>,
  count: number,
): AsyncGenerator<Buffer> {
  let left = count;
  for await (const part of bytes) {
    const some = part.subarray(left);
    left -= part.length - some.length;
    if (some.length > 0) yield some;
  }
}

/** Reads at least this many bytes, if there are as many, and then yields all. */
export async function peek(
  bytes: AsyncIterable<Buffer>,
  count: number,
): Promise<{ first: Buffer; all: AsyncGenerator<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  while (first.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (first.length > 0) yield first;
      for (
        let next = await iterator.next();
        !next.done;
        next = await iterator.next()
      ) {
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { first, all: all() };
}
