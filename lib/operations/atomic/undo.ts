import { groupBy } from "lodash";

import type { BulkItem } from "../../storage/DocumentStore";
import type {
  Journal,
  JournalEntry,
  JournalStore,
} from "../../storage/JournalStore";
import type { Address, Failure, Settled } from "../../types";
import { bulkWrite } from "../bulkWrite";
import type { Engine } from "../engine";
import { planChunks } from "../plan";
import { settle } from "../settle";
import type { Tally } from "../tally";
import {
  decideUndo,
  isOurs,
  type Fate,
  type PresentDocument,
  type Undo,
} from "./decide";
import { patiently } from "./patiently";

/** Each round reads anew what a foreign writer has changed in the round before. */
const MAX_ROUNDS = 10;

/** The engine could not be asked: what is not undone may be undone later. */
export class UndoInterrupted extends Error {}

/** By id: what the engine has answered; ids without an answer are left out. */
export type Fates = ReadonlyMap<string, Fate>;

export const NOTHING_KNOWN: Fates = new Map();

/** What is left of a batch that was undone. */
export interface Undone {
  /** ids that could not be put back: what they hold now is somebody else's */
  readonly foreign: readonly string[];
  /** ids that the bulk may still write, should it be on its way */
  readonly recheck: readonly string[];
}

/** What undoing works with. */
export interface UndoTools {
  readonly engine: Engine;
  readonly journals: JournalStore;
}

/**
 * Takes back what a batch has written, document by document, each guarded by
 * the version just read, so that a foreign write is never overwritten. May be
 * done by several nodes at once, and again after it was cut short.
 *
 * @param entries of the journal: those to look at
 * @throws {UndoInterrupted}
 * @throws {EngineError}
 */
export async function undo(
  journal: Journal,
  entries: readonly JournalEntry[],
  fates: Fates,
  tools: UndoTools,
  tally: Tally,
): Promise<Undone> {
  const foreign: string[] = [];
  const recheck: string[] = [];
  let undecided = 0;
  let open = entries;

  for (let round = 0; open.length > 0; round++) {
    if (round === MAX_ROUNDS) {
      throw new UndoInterrupted("others keep writing the same documents");
    }
    const decided = await decideAll(journal, open, fates, tools, tally);
    for (const { entry, undo } of decided) {
      if (undo.kind === "foreign") {
        foreign.push(entry._id);
      } else if (undo.kind === "unreached") {
        recheck.push(entry._id);
      } else if (undo.kind === "undecided") {
        undecided++;
      }
    }
    const { refused, again } = await takeBack(journal, decided, tools, tally);
    foreign.push(...refused);
    open = again;
  }
  if (undecided > 0) {
    throw new UndoInterrupted("another batch with the same bytes is under way");
  }
  return { foreign, recheck };
}

interface Decided {
  readonly entry: JournalEntry;
  readonly undo: Undo;
}

async function decideAll(
  journal: Journal,
  open: readonly JournalEntry[],
  fates: Fates,
  { engine, journals }: UndoTools,
  tally: Tally,
): Promise<Decided[]> {
  const { index, collection } = journal;
  const addresses = open.map(({ _id }) => ({ collection, _id }));
  const present = await readPresent(index, addresses, engine, tally, isGone);

  const unsure = open.flatMap((entry, i) => {
    const now = present[i] as PresentDocument | null;
    const fate = fates.get(entry._id);
    return fate === undefined && now !== null && isOurs(entry, now, fate)
      ? [entry.intendedHash]
      : [];
  });
  // asked after the documents were read: a batch that has written one of them
  // by then had its journal before
  const rivals =
    unsure.length === 0
      ? []
      : await patiently(engine, () => journals.findRivals(journal, unsure));
  const rivalsOf = groupBy(rivals, ({ intendedHash }) => intendedHash);

  return open.map((entry, i) => ({
    entry,
    undo: decideUndo(
      entry,
      present[i] as PresentDocument | null,
      fates.get(entry._id),
      rivalsOf[entry.intendedHash] ?? [],
    ),
  }));
}

/** @returns ids that the engine refuses to put back, and what to look at again */
async function takeBack(
  { index, collection }: Journal,
  decided: readonly Decided[],
  { engine }: UndoTools,
  tally: Tally,
): Promise<{ refused: string[]; again: JournalEntry[] }> {
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
  const refused: string[] = [];
  const again: JournalEntry[] = [];

  taken.forEach(({ entry }, i) => {
    const outcome = outcomes[i] as Settled<unknown>;
    if (outcome.ok) {
      return;
    }
    if (isRefusedForGood(outcome.failure)) {
      refused.push(entry._id);
    } else if (isChanged(outcome.failure)) {
      again.push(entry);
    } else {
      throw new UndoInterrupted(outcome.failure.reason);
    }
  });
  return { refused, again };
}

/**
 * Documents by realtime look-up, byte for byte.
 *
 * @param isNone which failures are as good as the answer that there is none
 * @throws {UndoInterrupted} when one of them can't be read
 */
export async function readPresent(
  index: string,
  addresses: readonly Address[],
  engine: Engine,
  tally: Tally,
  isNone: (failure: Failure) => boolean = () => false,
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
    if (outcome?.ok === true) {
      return outcome.value;
    }
    if (outcome !== undefined && isNone(outcome.failure)) {
      return null;
    }
    throw new UndoInterrupted(outcome?.failure.reason);
  });
}

function toBulkItem(_id: string, undo: Undo): BulkItem | undefined {
  switch (undo.kind) {
    case "untouched":
    case "unreached":
    case "foreign":
    case "undecided":
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

/** The collection was deleted meanwhile, and its documents with it. */
function isGone({ status }: Failure): boolean {
  return status === 404;
}

/** Somebody wrote, or deleted the collection, between our read and our write. */
function isChanged({ code, status }: Failure): boolean {
  return code === "version_conflict" || status === 404;
}

/** Somebody has changed the mapping since: trying again would not help. */
function isRefusedForGood({ code }: Failure): boolean {
  return code === "mapping" || code === "invalid" || code === "too_large";
}
