import type { RawDocument } from "../ports/DocumentStore";
import type { Address, Settled } from "../../types";
import type { Engine } from "../ExecutionContext";
import { planChunks } from "../planning/chunks";
import { settle } from "../retry/sendWithRetries";
import type { Tally } from "../RequestStats";

/**
 * Documents by realtime look-up, byte for byte.
 *
 * @returns by position: the document, null where there is none, or why it can't be
 * read
 */
export async function readRaw(
  index: string,
  addresses: readonly Address[],
  engine: Engine,
  tally: Tally,
): Promise<Settled<RawDocument | null>[]> {
  const outcomes = await settle<Address, RawDocument | null>(
    addresses,
    {
      chunks: planChunks(
        addresses.map((_, i) => i),
        () => 0,
        { maxCount: engine.limits.readChunkDocuments, maxBytes: Infinity },
      ),
      send: (chunk) => engine.store.getRaw(index, chunk),
    },
    engine,
    tally,
  );
  return outcomes as Settled<RawDocument | null>[];
}
