import { batchError } from "../../errors";
import {
  atomicWrite,
  JournalTooLarge,
  type AtomicResult,
  type AtomicTools,
} from "../../core/atomic/atomicWrite";
import {
  inputOf,
  jsonOf,
  type WriteInput,
  type ValidationError,
  type WriteCommand,
  type WriteDocument,
  type WriteResult,
} from "../../types";
import { invalidItem } from "../../core/validation/items";

export interface AtomicLimits {
  readonly atomicMaxDocuments: number;
  readonly atomicMaxBytes: number;
}

/** An atomic batch that was committed. */
export interface Committed {
  readonly result: WriteResult;
  readonly journalId: string;
}

/**
 * Runs an atomic batch that is well formed.
 *
 * @param report told of the result, whatever it is
 * @throws `batch.write.*` for every end but the good one
 */
export async function runAtomic(
  command: WriteCommand,
  tools: AtomicTools,
  report: (result: AtomicResult) => void,
): Promise<Committed> {
  const ended = await atomicWrite(refuseRepeats(command), tools).catch(
    (error: unknown) => {
      throw error instanceof JournalTooLarge ? tooLarge(error) : error;
    },
  );
  report(ended);
  if (ended.outcome === "committed") {
    return ended;
  }
  throw errorOf(ended);
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
  for (const { body } of documents) {
    bytes += Buffer.byteLength(jsonOf(body));
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

/** A document can't be both of two things at once. */
function refuseRepeats(command: WriteCommand): WriteCommand {
  const firstAt = new Map<string, number>();
  const documents: WriteDocument[] = [];
  const repeats: ValidationError<WriteInput>[] = [];

  for (const document of command.documents) {
    const { _id, position } = document;
    const first = firstAt.get(_id);
    if (first === undefined) {
      firstAt.set(_id, position);
      documents.push(document);
      continue;
    }
    const reason = `documents[${position}]._id: an atomic batch has each id once, and documents[${first}] has this one.`;
    repeats.push({
      position,
      asked: inputOf(document),
      failure: invalidItem(reason),
    });
  }
  return {
    ...command,
    documents,
    validationErrors: [...command.validationErrors, ...repeats],
  };
}

function errorOf(
  ended: Exclude<AtomicResult, { outcome: "committed" }>,
): Error {
  const { errors, stats } = ended.result;
  const count = errors.length;
  switch (ended.outcome) {
    case "refused":
      return batchError(
        "batch.write.refused",
        { count, requested: stats.requested },
        errors,
      );
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
        ended.byEngine ? 503 : 409,
      );
    case "rollback_incomplete":
      return batchError(
        "batch.write.rollback_incomplete",
        { count: ended.foreignCount, journal: ended.journalId ?? "none" },
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
