import { statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

import { OWNER_ONLY } from "../files";
import { UsageError } from "../usage";

/** The file of rejected rows, with one line of JSON each. */
export class RejectsFile {
  private constructor(
    private readonly handle: FileHandle,
    private length: number,
  ) {}

  /**
   * @param keptBytes the length recorded in the checkpoint: the rest is truncated,
   *   because its rows will be read again; undefined to start a new file
   * @throws UsageError if the file cannot be opened, or has changed since
   */
  static async open(
    name: string,
    keptBytes: number | undefined,
  ): Promise<RejectsFile> {
    const size = sizeOf(name);
    if (keptBytes === undefined && size > 0) {
      throw new UsageError(
        `The rejects file ${name} already exists: move it, or use another name.`,
      );
    }
    if (keptBytes !== undefined && size < keptBytes) {
      throw new UsageError(
        `The rejects file ${name} has ${size} bytes, fewer than the ${keptBytes} of the checkpoint.`,
      );
    }
    try {
      const handle = await open(name, size < 0 ? "w" : "r+", OWNER_ONLY);
      await handle.truncate(keptBytes ?? 0);
      return new RejectsFile(handle, keptBytes ?? 0);
    } catch (error) {
      throw new UsageError(
        `The rejects file ${name} cannot be written: ${(error as Error).message}`,
      );
    }
  }

  get bytes(): number {
    return this.length;
  }

  /** @param header the first line of the file, written if the file is empty */
  async append(lines: readonly string[], header: string): Promise<void> {
    if (lines.length === 0) return;
    const all = this.length === 0 ? [header, ...lines] : lines;
    const text = Buffer.from(all.map((line) => `${line}\n`).join(""));
    for (let from = 0; from < text.length;) {
      const { bytesWritten } = await this.handle.write(
        text,
        from,
        text.length - from,
        this.length + from,
      );
      from += bytesWritten;
    }
    // a partial line does not count
    this.length += text.length;
  }

  /** What was appended also survives a power failure. */
  sync(): Promise<void> {
    return this.handle.sync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** -1 if there is no file. */
function sizeOf(name: string): number {
  return statSync(name, { throwIfNoEntry: false })?.size ?? -1;
}
