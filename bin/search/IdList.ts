import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";

import { LineSplitter } from "../input/LineSplitter";
import { OWNER_ONLY } from "../files";

/** An id, and where the next one starts. */
export interface ListedId {
  /** its number, from 1 */
  readonly row: number;
  readonly id: string;
  /** the offset after it in the file, in bytes */
  readonly end: number;
}

/** More than an id of 512 bytes takes in JSON. */
const MAX_LINE_BYTES = 8_192;

/**
 * The ids that a search found, in a file with one JSON string per line. The search is
 * thus over long before the last document is processed, and an interrupted command
 * resumes with the same documents.
 */
export class IdList {
  /** @param bytes size of the file when it was complete */
  constructor(
    readonly file: string,
    readonly count: number,
    readonly bytes: number,
  ) {}

  /** @param pages results of a search */
  static async fill(
    file: string,
    pages: AsyncIterable<readonly string[]>,
    onProgress: (count: number) => void,
  ): Promise<IdList> {
    const handle = await open(file, "w", OWNER_ONLY);
    let [count, bytes] = [0, 0];
    try {
      for await (const ids of pages) {
        const text = ids.map((id) => `${JSON.stringify(id)}\n`).join("");
        bytes += await append(handle, text);
        count += ids.length;
        onProgress(count);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return new IdList(file, count, bytes);
  }

  /**
   * @param from where an earlier run ended: the offset of an id, and its row
   * @param size how many ids to return at once, called each time
   * @param maxBytes bytes of ids at once, as JSON with a comma after each
   * @param besideBytes the size of a request per id, without the id itself
   */
  async *read(
    from: { readonly offset: number; readonly row: number },
    size: () => number,
    maxBytes: number,
    besideBytes = 0,
  ): AsyncGenerator<readonly ListedId[]> {
    const splitter = new LineSplitter(MAX_LINE_BYTES);
    const stream = createReadStream(this.file, { start: from.offset });
    let batch: ListedId[] = [];
    let batchStart = 0;
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      for (const { row, end, bytes: line } of splitter.push(bytes)) {
        const bytes = end - batchStart + (batch.length + 1) * besideBytes;
        if (bytes > maxBytes || batch.length >= size()) {
          if (batch.length > 0) yield batch;
          batchStart = end - line.length - 1;
          batch = [];
        }
        batch.push({
          row: from.row + row,
          id: JSON.parse(line.toString()) as string,
          end: from.offset + end,
        });
      }
    }
    if (batch.length > 0) yield batch;
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }
}

async function append(handle: FileHandle, text: string): Promise<number> {
  const bytes = Buffer.from(text);
  await handle.writeFile(bytes);
  return bytes.length;
}
