import { once } from "node:events";
import { promisify } from "node:util";
import * as zlib from "node:zlib";

import { UsageError } from "../usage";

export type Compression = "none" | "gzip" | "zstd";

/** What Node provides since 22.15 and 23.8. */
type Zstd = Pick<typeof zlib, never> & {
  zstdCompress?: typeof zlib.gzip;
  zstdCompressSync?: typeof zlib.gzipSync;
  zstdDecompressSync?: typeof zlib.gunzipSync;
  createZstdDecompress?: (options: { chunkSize: number }) => zlib.Gunzip;
};
const {
  zstdCompress,
  zstdCompressSync,
  zstdDecompressSync,
  createZstdDecompress,
} = zlib as Zstd;

/** By the file's extension: `.gz`, `.zst`. */
export function compressionOf(name: string): Compression {
  if (/\.gz$/i.test(name)) return "gzip";
  return /\.zst(d)?$/i.test(name) ? "zstd" : "none";
}

/** The name without the extension of the compression. */
export function plainName(name: string): string {
  return name.replace(/\.(gz|zstd?)$/i, "");
}

/**
 * Compresses each piece on its own: concatenated pieces are one file to every
 * decompressor.
 *
 * @throws UsageError if this version of Node lacks the compression
 */
export function compressor(
  compression: Compression,
): (bytes: Buffer) => Promise<Buffer> {
  switch (compression) {
    case "none":
      return async (bytes) => bytes;
    case "gzip":
      return promisify<Buffer, Buffer>(zlib.gzip);
    case "zstd":
      return promisify<Buffer, Buffer>(
        zstdCompress ?? noZstd("to be written", "Node 22.15"),
      );
  }
}

/**
 * Decompresses zstd with any number of frames: Node's own stream ends after the first
 * one and silently ignores the rest. Exports have a frame for each piece.
 *
 * @throws UsageError if this version of Node lacks zstd
 */
export function zstdUnpacker(
  chunkSize: number,
): (packed: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  const create =
    createZstdDecompress !== undefined && noticesWhatIsCutOff()
      ? createZstdDecompress
      : noZstd("to be read", "Node 24");
  return async function* unpack(packed) {
    let frame = new Frame(create({ chunkSize }));
    for await (const bytes of packed) {
      for (let at = 0; at < bytes.length;) {
        at += await frame.push(bytes.subarray(at, at + PIECE_BYTES));
        yield* frame.take();
        if (frame.hasEnded) frame = new Frame(create({ chunkSize }));
      }
    }
    await frame.end();
    yield* frame.take();
  };
}

/** Decompressed at once: a piece may become a thousand times larger. */
const PIECE_BYTES = 16 * 1024;

/** A frame that arrives in pieces, or several frames that end with a piece. */
class Frame {
  hasEnded = false;
  private output: Buffer[] = [];
  private readonly ended: Promise<void>;

  constructor(private readonly stream: zlib.Gunzip) {
    stream.on("data", (bytes: Buffer) => this.output.push(bytes));
    this.ended = once(stream, "end").then(() => {
      this.hasEnded = true;
    });
    // handled by the next call
    this.ended.catch(() => undefined);
  }

  /** @returns how many of the bytes belong to it */
  async push(bytes: Buffer): Promise<number> {
    const { stream } = this;
    const before = stream.bytesWritten;
    const written = new Promise<void>((resolve, reject) =>
      stream.write(bytes, (error) => (error ? reject(error) : resolve())),
    );
    await Promise.race([written, this.ended]);
    return stream.bytesWritten - before;
  }

  /** @throws if the frame is not complete */
  async end(): Promise<void> {
    this.stream.end();
    await this.ended;
  }

  take(): Buffer[] {
    return this.output.splice(0);
  }
}

/** Node 22 accepts a truncated file as complete. */
function noticesWhatIsCutOff(): boolean {
  const packed = zstdCompressSync?.("text");
  try {
    zstdDecompressSync?.(packed!.subarray(0, -1));
    return false;
  } catch {
    return true;
  }
}

function noZstd(what: string, node: string): never {
  throw new UsageError(
    `zstd needs ${node} or later ${what}, this is ${process.version}: use gzip, or the command zstd in a pipe.`,
  );
}
