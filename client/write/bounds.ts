/** What can't be sent, whatever the server would say. */
import type { WriteError } from "../../lib/types";
import type { Beginning } from "../transport/begin";
import { BatchError } from "../errors/BatchError";
import { jsonBytes } from "./split";
import type { RequestLimits } from "../types";
import type { WriteCommand } from "./writeAll";
import type { Entry } from "./WriteResultCollector";

export type Failure = Omit<WriteError, "document" | "position">;

export function noJson(error: unknown): Failure {
  return {
    status: 400,
    code: "invalid",
    reason: `The document has no JSON: ${(error as Error).message}`,
    retryable: false,
  };
}

export function tooLarge(
  bytes: number,
  { maxRequestBytes }: RequestLimits,
): Failure {
  return {
    status: 413,
    code: "too_large",
    reason: `A request with this document alone takes ${bytes} bytes, and the server takes ${maxRequestBytes}.`,
    retryable: false,
  };
}

/** Of the documents of a request. */
export function maxCount(
  { action, atomic }: WriteCommand,
  { options: { batchSize }, limits: { documentsWriteCount } }: Beginning,
): number {
  if (atomic) {
    return Number.MAX_SAFE_INTEGER;
  }
  return action === "mUpdate"
    ? Math.min(batchSize, documentsWriteCount)
    : batchSize;
}

/** @throws {BatchError} `batch.client.too_large` */
export function assertAtomic(
  entries: readonly Entry[],
  requests: number,
  { maxRequestBytes, atomicMaxDocuments, atomicMaxBytes }: RequestLimits,
): void {
  let bytes = 0;
  for (const { document } of entries) {
    bytes += jsonBytes((document as { body?: unknown } | null)?.body);
  }
  const count = entries.length;
  if (count > atomicMaxDocuments) {
    throw tooMuch(
      `${atomicMaxDocuments} documents (atomicMaxDocuments), and these are ${count}`,
    );
  }
  if (bytes > atomicMaxBytes) {
    throw tooMuch(
      `${atomicMaxBytes} bytes in its bodies (atomicMaxBytes), and these have ${bytes}`,
    );
  }
  if (requests > 1) {
    throw tooMuch(
      `one request of ${maxRequestBytes} bytes (maxRequestBytes), and these need ${requests}`,
    );
  }
}

function tooMuch(reason: string): BatchError<never> {
  return new BatchError(`Nothing was sent: an atomic call may have ${reason}`, {
    id: "batch.client.too_large",
    status: 413,
  });
}
