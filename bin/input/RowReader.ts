import {
  chooseFormat,
  type Format,
  type InputOptions,
  type Reading,
} from "./format";
import type { Fingerprint } from "./Fingerprint";
import { InputBrokenOff, InputError, LF } from "./rawRow";
import { isRejectsHeader, type RejectsOrigin } from "./rejectsHeader";
import { Interrupted, UsageError } from "../usage";
import type { DocumentRules, Row } from "./rows";
import { openSource, peek, type Source } from "./source";

/** Reads the rows of an input in batches, in order. */
export class RowReader {
  /** bytes of the input read so far, decompressed */
  unpackedBytes = 0;

  private constructor(
    private readonly source: Source,
    private readonly bytes: AsyncIterable<Buffer>,
    private readonly reading: Reading,
    private readonly fingerprint: Fingerprint,
  ) {}

  /**
   * @param name a file, or `-` for standard input
   * @param maxRowBytes longer rows are rejected without their text
   * @param signal ends the reading
   * @param fingerprint receives everything that is read
   * @throws InputError if the input cannot be opened, or its format is unknown
   */
  static async open(
    name: string,
    options: InputOptions,
    rules: DocumentRules,
    maxRowBytes: number,
    signal: AbortSignal,
    fingerprint: Fingerprint,
  ): Promise<RowReader> {
    try {
      const source = await openSource(name, signal);
      const { first, all } = await peekStart(source.bytes);
      return new RowReader(
        source,
        all,
        await chooseFormat(name, first, options, rules, maxRowBytes),
        fingerprint,
      );
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      if (error instanceof InputError || error instanceof UsageError)
        throw error;
      throw new InputError(
        `${name} cannot be read: ${(error as Error).message}`,
      );
    }
  }

  get format(): Format {
    return this.reading.format;
  }

  /** How rows are read, for a rejects file of this input. */
  get origin(): RejectsOrigin {
    return this.reading.origin();
  }

  get totalBytes(): number | undefined {
    return this.source.totalBytes;
  }

  get readBytes(): number {
    return this.source.readBytes();
  }

  /**
   * @throws InputError if the input does not have its format at all
   * @throws InputBrokenOff if it cannot be read to its end
   */
  async *batches(): AsyncGenerator<Row[]> {
    const { splitter, rows } = this.reading;
    for await (const bytes of this.untilItBreaks()) {
      this.unpackedBytes += bytes.length;
      const batch = rows.parse(splitter.push(bytes));
      this.fingerprint.push(bytes, batch);
      yield batch;
    }
    yield rows.parse(splitter.end());
  }

  private async *untilItBreaks(): AsyncGenerator<Buffer> {
    try {
      yield* this.bytes;
    } catch (error) {
      throw new InputBrokenOff(
        `The input ended unexpectedly: ${(error as Error).message}`,
      );
    }
  }
}

/** Enough to detect the format; for a rejects file, its first line. */
async function peekStart(
  bytes: AsyncIterable<Buffer>,
): ReturnType<typeof peek> {
  let { first, all } = await peek(bytes, 1);
  while (isRejectsHeader(first) && !first.includes(LF)) {
    const { length } = first;
    ({ first, all } = await peek(all, length + 1));
    if (first.length === length) break;
  }
  return { first, all };
}
