import { batchError } from "../../errors";
import type { AtomicContext } from "../../core/atomic/AtomicContext";
import { atomicWrite, type AtomicResult } from "../../core/atomic/atomicWrite";
import { JournalTooLarge } from "../../core/atomic/preImages";
import { jsonOf } from "../../core/RawSource";
import type {
  BatchCommand,
  WriteCommand,
  WriteResult,
} from "../../core/commands";
import { refusedError, type WriteShape } from "./answers";

export interface AtomicLimits {
  readonly atomicMaxDocuments: number;
  readonly atomicMaxBytes: number;
}

type Failed = Exclude<AtomicResult, { outcome: "committed" }>;

/**
 * Runs a well-formed atomic batch.
 *
 * @param onFailure called for every outcome except success
 * @throws `batch.write.*` for these outcomes
 */
export async function runAtomic(
  command: BatchCommand,
  tools: AtomicContext,
  shape: WriteShape,
  onFailure: (ended: Failed) => void,
): Promise<WriteResult> {
  const ended = await atomicWrite(command, tools).catch((error: unknown) => {
    throw error instanceof JournalTooLarge ? tooLarge(error) : error;
  });
  if (ended.outcome === "committed") {
    return { ...ended.result, journalId: ended.journalId };
  }
  onFailure(ended);
  throw errorOf(ended, shape);
}

/** @throws `batch.write.too_large` (413) */
export function assertAtomicSize(
  { requested, documents }: WriteCommand,
  { atomicMaxDocuments, atomicMaxBytes }: AtomicLimits,
): void {
  if (requested > atomicMaxDocuments) {
    throw batchError("batch.write.too_large", {
      allowed: `${atomicMaxDocuments} documents`,
      actual: requested,
    });
  }
  let bytes = 0;
  for (const { body, defaults } of documents) {
    bytes += Buffer.byteLength(jsonOf(body));
    bytes += defaults === undefined ? 0 : Buffer.byteLength(jsonOf(defaults));
  }
  if (bytes > atomicMaxBytes) {
    throw batchError("batch.write.too_large", {
      allowed: `${atomicMaxBytes} bytes`,
      actual: bytes,
    });
  }
}

function tooLarge({ bytes, allowedBytes }: JournalTooLarge): Error {
  return batchError("batch.write.too_large", {
    allowed: `${allowedBytes} bytes in the documents that it replaces`,
    actual: bytes,
  });
}

function errorOf(ended: Failed, shape: WriteShape): Error {
  const { stats } = ended.result;
  const errors = ended.result.errors.map(shape.toEntry);
  switch (ended.outcome) {
    case "refused":
      return refusedError(ended.result, shape);
    case "rolled_back":
      return batchError(
        "batch.write.rolled_back",
        {
          reason: ended.byEngine
            ? "Elasticsearch rejected the batch"
            : `${ended.causeCount} of the ${stats.requested} documents could not be written`,
          journal: ended.journalId ?? "none",
        },
        errors,
        { status: ended.byEngine ? 503 : 409 },
      );
    case "rollback_incomplete":
      return batchError(
        "batch.write.rollback_incomplete",
        { count: ended.modifiedCount, journal: ended.journalId ?? "none" },
        errors,
      );
    case "unknown":
      return batchError(
        "batch.write.outcome_unknown",
        { journal: ended.journalId },
        errors,
      );
  }
}
