import { statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

import { OWNER_ONLY } from "../files";
import { UsageError } from "../usage";
import { type Compression, compressor } from "./compression";
import { LineSink } from "./LineSink";

/** This many characters are compressed and written at once. */
const BLOCK_CHARACTERS = 1024 * 1024;

interface Sink {
  write(bytes: Buffer): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A text file, or standard output if the name is `-`; optionally compressed. */
export class OutputFile {
  private parts: string[] = [];
  private characters = 0;
  private failure: Error | undefined;

  private constructor(
    private readonly sink: Sink,
    private readonly compress: (bytes: Buffer) => Promise<Buffer>,
    private length: number,
  ) {}

  /**
   * @param keptBytes what an earlier run wrote: the rest is truncated; 0 to start over
   * @throws UsageError if it cannot be written, or has changed since
   */
  static async open(
    name: string,
    compression: Compression,
    keptBytes = 0,
  ): Promise<OutputFile> {
    const compress = compressor(compression);
    const sink =
      name === "-" ? await standardOutput() : await file(name, keptBytes);
    return new OutputFile(sink, compress, keptBytes);
  }

  /** bytes that `flush` has written, in this run and before */
  get bytes(): number {
    return this.length;
  }

  /** @throws OutputClosed if the reader of standard output has ended */
  async write(text: string): Promise<void> {
    this.parts.push(text);
    this.characters += text.length;
    if (this.characters >= BLOCK_CHARACTERS) await this.flush();
  }

  /**
   * Writes what is still buffered.
   *
   * @throws the error, also on each later call: `bytes` are those before it
   */
  async flush(): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.characters === 0) return;
    const text = Buffer.from(this.parts.join(""));
    this.parts = [];
    this.characters = 0;
    try {
      const bytes = await this.compress(text);
      await this.sink.write(bytes);
      this.length += bytes.length;
    } catch (error) {
      this.failure = error as Error;
      throw error;
    }
  }

  /** What was flushed also survives a power failure. */
  sync(): Promise<void> {
    return this.sink.sync();
  }

  close(): Promise<void> {
    return this.sink.close();
  }
}

async function standardOutput(): Promise<Sink> {
  const sink = await LineSink.open("-");
  return {
    write: (bytes) => sink.writeBytes(bytes),
    sync: async () => undefined,
    close: () => sink.close(),
  };
}

async function file(name: string, keptBytes: number): Promise<Sink> {
  const size = statSync(name, { throwIfNoEntry: false })?.size ?? -1;
  if (size < keptBytes && keptBytes > 0) {
    throw new UsageError(
      `${name} has ${Math.max(size, 0)} bytes, fewer than the ${keptBytes} of the checkpoint.`,
    );
  }
  let handle: FileHandle;
  try {
    handle = await open(name, keptBytes > 0 ? "r+" : "w", OWNER_ONLY);
    if (keptBytes > 0) await handle.truncate(keptBytes);
  } catch (error) {
    throw new UsageError(
      `${name} cannot be written: ${(error as Error).message}`,
    );
  }
  let at = keptBytes;
  return {
    async write(bytes) {
      for (let from = 0; from < bytes.length;) {
        const left = bytes.length - from;
        const { bytesWritten } = await handle.write(bytes, from, left, at);
        from += bytesWritten;
        at += bytesWritten;
      }
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
