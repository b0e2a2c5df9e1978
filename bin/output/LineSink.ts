import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

import { OWNER_ONLY } from "../files";
import { UsageError } from "../usage";

/** A file of lines, or standard output if the name is `-`. */
export class LineSink {
  private error: Error | undefined;

  private constructor(
    private readonly stream: Writable,
    private readonly name: string,
  ) {
    stream.on("error", (error) => (this.error = error));
  }

  /** @throws UsageError if it cannot be written */
  static async open(name: string): Promise<LineSink> {
    if (name === "-") return new LineSink(process.stdout, "standard output");
    const stream = createWriteStream(name, { mode: OWNER_ONLY });
    const sink = new LineSink(stream, name);
    try {
      await once(stream, "open");
    } catch (error) {
      throw new UsageError(
        `${name} cannot be written: ${(error as Error).message}`,
      );
    }
    return sink;
  }

  /** @throws OutputClosed, Error if it can no longer be written */
  async write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await this.writeBytes(lines.map((line) => `${line}\n`).join(""));
  }

  /** @throws as `write` */
  async writeBytes(bytes: string | Buffer): Promise<void> {
    this.assertWritable();
    if (!this.stream.write(bytes)) {
      await this.drained();
      this.assertWritable();
    }
  }

  async close(): Promise<void> {
    if (this.stream === process.stdout) return;
    this.stream.end();
    await finished(this.stream).catch(() => undefined);
    this.assertWritable();
  }

  /** Resolves when more can be written, or nothing ever again. */
  private async drained(): Promise<void> {
    const settled = new AbortController();
    const { signal } = settled;
    await Promise.race(
      ["drain", "close"].map((event) => once(this.stream, event, { signal })),
    ).catch(() => undefined);
    settled.abort();
  }

  private assertWritable(): void {
    if (this.error === undefined) return;
    const { code, message } = this.error as NodeJS.ErrnoException;
    throw code === "EPIPE"
      ? new OutputClosed()
      : new Error(`${this.name} cannot be written: ${message}`);
  }
}

/** The reader of the output has ended (`| head`). */
export class OutputClosed extends Error {}
