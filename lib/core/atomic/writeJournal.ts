import { randomUUID } from "node:crypto";

import type { CollectionDescription } from "../ports/DocumentStore";
import type {
  Journal,
  JournalEntry,
  StoredJournal,
} from "../ports/JournalStore";
import { EngineError } from "../ExecutionContext";
import { retryAfterRejection } from "../retry/retryAfterRejection";
import {
  collectionsOf,
  type AtomicBatch,
  type AtomicWrite,
} from "./AtomicBatch";
import type { AtomicContext } from "./AtomicContext";
import { hashDocument, type PresentDocument } from "./decideRollback";
import { discard, leaseEnd } from "./journalTransitions";

/**
 * Records what a batch is about to replace, before any of it is sent.
 *
 * @param before the documents of the batch, by position
 * @param createdAt when the batch began; ms since the epoch
 * @throws {EngineError} in which case nothing has been sent
 */
export async function writeJournal(
  batch: AtomicBatch,
  writes: readonly AtomicWrite[],
  before: ReadonlyArray<PresentDocument | null>,
  createdAt: number,
  tools: AtomicContext,
): Promise<StoredJournal> {
  const { execution, journals, nodeId, epoch } = tools;
  const journal: Journal = {
    id: randomUUID(),
    state: "pending",
    index: batch.index,
    collections: collectionsOf(batch),
    owner: nodeId,
    createdAt,
    journaledAt: epoch(),
    decidedAt: null,
    dueAt: leaseEnd(tools),
    entries: writes.map((item, i) =>
      toEntry(
        item,
        before[i] as PresentDocument | null,
        batch.collections.get(item.collection),
      ),
    ),
    modified: [],
    recheck: [],
  };
  try {
    const version = await retryAfterRejection(execution, () =>
      journals.create(journal),
    );
    return { journal, version };
  } catch (error) {
    if (
      error instanceof EngineError &&
      error.failure.code === "unknown_outcome"
    ) {
      await discard(journal, tools);
    }
    throw error;
  }
}

function toEntry(
  { collection, _id, payload }: AtomicWrite,
  before: PresentDocument | null,
  description: CollectionDescription | undefined,
): JournalEntry {
  const address = { collection, _id };
  return {
    ...address,
    intendedHash: hashDocument(address, payload),
    ...(payload === null && { deletes: true as const }),
    before,
    beforeHash: hashDocument(address, before?.sourceText ?? null),
    ...((payload === null || storesBytesAsSent(description)) && {
      versionBefore: before?.version ?? 0,
    }),
  };
}

/** Whether the engine stores a document as exactly the bytes that it was sent. */
function storesBytesAsSent(
  description: CollectionDescription | undefined,
): boolean {
  return (
    description?.hasPipeline === false &&
    description.mappings._source === undefined
  );
}
