import type { CollectionDescription } from "../ports/DocumentStore";
import type { JournalCollection } from "../ports/JournalStore";
import type { Address, Failure } from "../../types";
import type { Precondition, Refresh } from "../commands";
import { NOT_JSON } from "../outcome";
import { conflict, MISSING } from "./reasons";
import type { PresentDocument } from "./decideRollback";

/** What an atomic batch is to do to one document, which it names only once. */
export interface AtomicItem extends Address {
  /**
   * @param before the document's JSON text, null where there is none
   * @returns what it is to be: JSON text, null to delete it
   */
  readonly contentAfter: (before: string | null) => string | null;
  /** whether there has to be such a document before */
  readonly needs?: "present" | "absent";
  readonly precondition?: Precondition;
}

/** What an atomic batch is to write, now that its documents are known. */
export interface AtomicWrite extends Address {
  /** JSON text, null to delete the document */
  readonly payload: string | null;
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
 * Why a batch can't be written, found before anything is sent.
 *
 * @param before by position
 * @returns by position: why, or undefined where nothing is against it
 */
export function brokenConditions(
  items: readonly AtomicItem[],
  before: ReadonlyArray<PresentDocument | null>,
): Array<Failure | undefined> {
  return items.map(({ needs, precondition }, i) => {
    const now = before[i] as PresentDocument | null;
    if (now?.notJson === true) {
      return NOT_JSON; // it could not be restored
    }
    if (needs === "absent" && now !== null) {
      return conflict("The document exists already.");
    }
    if (needs === "present" && precondition === undefined && now === null) {
      return MISSING;
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
