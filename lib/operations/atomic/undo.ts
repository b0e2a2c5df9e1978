import type { BulkItem } from "../../storage/DocumentStore";
import type { Address, Settled } from "../../types";
import { bulkWrite } from "../bulkWrite";
import type { Engine } from "../engine";
import { planChunks } from "../plan";
import { settle } from "../settle";
import type { Tally } from "../tally";
import { decideUndo, type PresentDocument, type Undo } from "./decide";
import type {
  Journal,
  JournalEntry,
  JournalStore,
} from "../../storage/JournalStore";

/** Each round reads anew what a foreign writer has changed in the round before. */
const MAX_ROUNDS = 10;

/** The engine could not be asked: what is not undone may be undone later. */
export class UndoInterrupted extends Error {}

/**
 * Takes back what a batch has written, document by document, each guarded by
 * the version just read, so that a foreign write is never overwritten.
 *
 * @returns the ids that somebody else has changed since
 * @throws {UndoInterrupted}
 */
export async function undo(
  journal: Journal,
  journals: JournalStore,
  engine: Engine,
  tally: Tally,
): Promise<string[]> {
  const { index, collection, entries } = journal;
  const foreign: string[] = [];
  let open: readonly JournalEntry[] = entries;

  for (let round = 0; open.length > 0; round++) {
    if (round === MAX_ROUNDS) {
      throw new UndoInterrupted("others keep writing the same documents");
    }
    const present = await readPresent(
      index,
      open.map(({ _id }) => ({ collection, _id })),
      engine,
      tally,
    );
    // asked after the documents were read: a batch that has written one of
    // them by then had its journal before
    const later = await journals.idsOfLater(journal);
    const decided = open.map((entry, i) => ({
      entry,
      undo: decideUndo(
        entry,
        present[i] as PresentDocument | null,
        later.has(entry._id),
      ),
    }));
    foreign.push(
      ...decided
        .filter(({ undo }) => undo.kind === "foreign")
        .map(({ entry }) => entry._id),
    );
    const taken = decided.flatMap(({ entry, undo }) => {
      const item = toBulkItem(entry._id, undo);
      return item === undefined ? [] : [{ entry, item }];
    });
    const outcomes = await bulkWrite(
      taken.map(({ item }) => item),
      { index, collection, refresh: "false", conflictRetries: 0 },
      engine,
      tally,
    );
    open = taken
      .filter((_, i) => mustLookAgain(outcomes[i] as Settled<unknown>))
      .map(({ entry }) => entry);
  }
  return foreign;
}

/**
 * Documents by realtime look-up, byte for byte.
 *
 * @throws {UndoInterrupted} when one of them can't be read
 */
export async function readPresent(
  index: string,
  addresses: readonly Address[],
  engine: Engine,
  tally: Tally,
): Promise<Array<PresentDocument | null>> {
  const outcomes = await settle<Address, PresentDocument | null>(
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
  return outcomes.map((outcome) => {
    if (outcome?.ok !== true) {
      throw new UndoInterrupted(outcome?.failure.reason);
    }
    return outcome.value;
  });
}

function toBulkItem(_id: string, undo: Undo): BulkItem | undefined {
  switch (undo.kind) {
    case "untouched":
    case "foreign":
      return undefined;
    case "restore":
    case "remove":
      return {
        operation: undo.kind === "restore" ? "index" : "delete",
        _id,
        payload: undo.kind === "restore" ? undo.sourceText : "",
        precondition: {
          ifSeqNo: undo.now.seqNo,
          ifPrimaryTerm: undo.now.primaryTerm,
        },
      };
  }
}

/** A conflict: somebody wrote between our read and our write. */
function mustLookAgain(outcome: Settled<unknown>): boolean {
  if (outcome.ok) {
    return false;
  }
  const { code, reason } = outcome.failure;
  if (code === "version_conflict" || code === "not_found") {
    return true;
  }
  throw new UndoInterrupted(reason);
}
