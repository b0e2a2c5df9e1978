import { EngineError } from "../ExecutionContext";
import type { RequestStats } from "../RequestStats";
import type { AtomicBatch } from "./AtomicBatch";
import type { AtomicContext } from "./AtomicContext";
import type { PresentDocument } from "./decideRollback";
import { readPresent, RollbackInterrupted } from "./presentDocuments";
import { unavailable } from "./reasons";

/**
 * The documents that the batch replaces exceed the size of a journal: nothing was sent.
 */
export class JournalTooLarge extends Error {
  constructor(
    readonly bytes: number,
    readonly allowedBytes: number,
  ) {
    super(`${bytes} bytes are replaced, and ${allowedBytes} are allowed`);
  }
}

/**
 * Reads the documents of a batch as they are before it.
 *
 * @returns by position; null for a document that does not exist
 * @throws {EngineError} when one of them can't be read
 * @throws {JournalTooLarge}
 */
export async function readPreImages(
  { index, items }: AtomicBatch,
  { execution, maxJournalBytes }: AtomicContext,
  requestStats: RequestStats,
): Promise<Array<PresentDocument | null>> {
  let before: Array<PresentDocument | null>;
  try {
    before = await readPresent(index, items, execution, requestStats);
  } catch (error) {
    throw error instanceof RollbackInterrupted
      ? new EngineError(unavailable(error.message), false)
      : error;
  }
  let bytes = 0;
  for (const document of before) {
    bytes += Buffer.byteLength(document?.sourceText ?? "");
  }
  if (bytes > maxJournalBytes) {
    throw new JournalTooLarge(bytes, maxJournalBytes);
  }
  return before;
}
