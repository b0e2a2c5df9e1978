import type { CollectionDescription } from "../ports/DocumentStore";
import type { JournalCollection } from "../ports/JournalStore";
import type { Address, Failure } from "../../types";
import type { Precondition, Refresh } from "../commands";
import { conflict } from "./reasons";
import type { PresentDocument } from "./decideRollback";

/** What an atomic batch is to write to one document, which it names only once. */
export interface AtomicItem extends Address {
  /** the document's JSON text */
  readonly payload: string;
  readonly ifAbsent?: true;
  readonly precondition?: Precondition;
}

export interface AtomicBatch {
  readonly index: string;
  readonly items: readonly AtomicItem[];
  readonly refresh: Refresh;
  /** of each collection that the items name, as it was pinned */
  readonly collections: ReadonlyMap<string, CollectionDescription>;
  /** awaited before the journal is written; when it throws, nothing is written */
  readonly beforeFirstWrite?: (() => Promise<void>) | undefined;
}

export function collectionsOf({
  collections,
}: AtomicBatch): JournalCollection[] {
  return [...collections].map(([name, { uuid }]) => ({ name, uuid }));
}

/**
 * Conditions that are broken before anything is sent.
 *
 * @param before by position
 * @returns by position: why, or undefined where the condition holds
 */
export function brokenConditions(
  items: readonly AtomicItem[],
  before: ReadonlyArray<PresentDocument | null>,
): Array<Failure | undefined> {
  return items.map(({ ifAbsent, precondition }, i) => {
    const now = before[i] as PresentDocument | null;
    if (ifAbsent === true && now !== null) {
      return conflict("The document exists already.");
    }
    const holds =
      precondition === undefined ||
      (now?.seqNo === precondition.ifSeqNo &&
        now.primaryTerm === precondition.ifPrimaryTerm);
    return holds
      ? undefined
      : conflict("The document is not, or no longer, the one expected.");
  });
}
