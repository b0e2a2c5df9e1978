/** What cannot be sent, no matter what the server would answer. */
import type { WriteError } from "../../lib/types";
import type { CallContext } from "../transport/callContext";
import { BatchError } from "../errors/BatchError";
import { jsonBytes, utf8Bytes } from "../transport/split";
import type { RequestLimits, WriteInput } from "../types";
import type { WriteCommand } from "./WriteCommand";
import type { Entry } from "./WriteResultCollector";

export type Failure = Omit<WriteError, "document" | "position">;

export function noJson(error: unknown): Failure {
  return {
    status: 400,
    code: "invalid",
    reason: `The document cannot be converted to JSON: ${(error as Error).message}`,
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
    reason: `A request with only this document has ${bytes} bytes; the server accepts ${maxRequestBytes}.`,
    retryable: false,
  };
}

/** Maximum number of documents per request. */
export function maxCount(
  { action, atomic }: WriteCommand,
  { options: { batchSize }, limits: { documentsWriteCount } }: CallContext,
): number {
  if (atomic) {
    return Number.MAX_SAFE_INTEGER;
  }
  return action !== "mWrite"
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
    bytes += contentBytes(document as Partial<WriteInput> | null);
  }
  const count = entries.length;
  if (count > atomicMaxDocuments) {
    throw tooMuch(
      `${atomicMaxDocuments} documents (atomicMaxDocuments), got ${count}`,
    );
  }
  if (bytes > atomicMaxBytes) {
    throw tooMuch(
      `${atomicMaxBytes} bytes in its bodies (atomicMaxBytes), got ${bytes}`,
    );
  }
  if (requests > 1) {
    throw tooMuch(
      `one request of ${maxRequestBytes} bytes (maxRequestBytes), but needs ${requests}`,
    );
  }
}

/** The size of the content of a document or an operation. */
function contentBytes(document: Partial<WriteInput> | null): number {
  const { body, json, ...operation } = document ?? {};
  if (typeof json === "string") {
    return utf8Bytes(json);
  }
  return jsonBytes(body ?? operation);
}

function tooMuch(reason: string): BatchError<never> {
  return new BatchError(
    `Nothing was sent: an atomic call is limited to ${reason}`,
    {
      id: "batch.client.too_large",
      status: 413,
    },
  );
}
