import type { RawDocument } from "../ports/DocumentStore";
import type { Address, ItemResult } from "../../types";
import type { ExecutionContext } from "../ExecutionContext";
import { planChunks } from "../planning/chunks";
import { sendWithRetries } from "../retry/sendWithRetries";
import type { RequestStats } from "../RequestStats";

/**
 * Documents by realtime look-up, byte for byte.
 *
 * @returns by position: the document, null where there is none, or why it can't be
 * read
 */
export async function readRaw(
  index: string,
  addresses: readonly Address[],
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<RawDocument | null>[]> {
  const outcomes = await sendWithRetries<Address, RawDocument | null>(
    addresses,
    {
      chunks: planChunks(
        addresses.map((_, i) => i),
        () => 0,
        { maxCount: execution.limits.readChunkDocuments, maxBytes: Infinity },
      ),
      send: (chunk) => execution.store.getRaw(index, chunk),
    },
    execution,
    requestStats,
  );
  return outcomes as ItemResult<RawDocument | null>[];
}
