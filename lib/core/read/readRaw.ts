import type { RawDocument } from "../ports/DocumentStore";
import type { Address } from "../../types";
import type { ItemResult } from "../outcome";
import type { ExecutionContext } from "../ExecutionContext";
import { planChunks } from "../planning/chunks";
import { placesOf } from "../dispatch/Part";
import { sendWithRetries } from "../retry/sendWithRetries";
import type { RequestStats } from "../RequestStats";

/**
 * Reads documents by realtime get, byte for byte.
 *
 * @returns by position: the document, null if it does not exist, or why it can't be
 * read
 */
export async function readRaw(
  index: string,
  addresses: readonly Address[],
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<RawDocument | null>[]> {
  const { dispatcher, store } = execution;
  const outcomes = await sendWithRetries<Address, RawDocument | null>(
    addresses,
    {
      chunks: planChunks(
        addresses.map((_, i) => i),
        () => 0,
        { maxCount: execution.limits.readChunkDocuments, maxSize: Infinity },
      ),
      send: (chunk) =>
        dispatcher.reads.send({
          chunk: { index, addresses: chunk },
          size: chunk.length,
          bytes: 0,
          places: () => placesOf(index, chunk),
          // never merged, since `execution` may address pinned collections
          kind: undefined,
          stats: requestStats,
          send: (parts) => store.getRaw(parts),
        }),
    },
    execution,
    requestStats,
  );
  return outcomes as ItemResult<RawDocument | null>[];
}
