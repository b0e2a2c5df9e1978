import { promisify } from "node:util";
import * as zlib from "node:zlib";

import { UsageError } from "../usage";

export type Compression = "none" | "gzip" | "zstd";

/** What Node has since 22.15 and 23.8. */
type Zstd = Pick<typeof zlib, never> & {
  zstdCompress?: typeof zlib.gzip;
  createZstdDecompress?: (options: { chunkSize: number }) => zlib.Gunzip;
};
const { zstdCompress, createZstdDecompress } = zlib as Zstd;

/** By the name of a file: `.gz`, `.zst`. */
export function compressionOf(name: string): Compression {
  if (/\.gz$/i.test(name)) return "gzip";
  return /\.zst(d)?$/i.test(name) ? "zstd" : "none";
}

/** The name without what tells the compression. */
export function plainName(name: string): string {
  return name.replace(/\.(gz|zstd?)$/i, "");
}

/**
 * Compresses a piece so that it can stand alone: pieces behind one another are one
 * file to whoever unpacks it.
 *
 * @throws UsageError where this Node cannot
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
      return promisify<Buffer, Buffer>(zstdCompress ?? noZstd());
  }
}

/** @throws UsageError where this Node cannot */
export function zstdDecompressor(chunkSize: number): zlib.Gunzip {
  return (createZstdDecompress ?? noZstd())({ chunkSize });
}

function noZstd(): never {
  throw new UsageError(
    `zstd needs Node 22.15 or later, this is ${process.version}: use gzip, or the command zstd in a pipe.`,
  );
}
