import type { CollectionDescription } from "../ports/DocumentStore";
import type { JournalCollection } from "../ports/JournalStore";
import type { Address, Failure } from "../../types";
import type { Precondition, Refresh } from "../commands";
import { NOT_JSON } from "../outcome";
import { conflict, MISSING } from "./reasons";
import type { PresentDocument } from "./decideRollback";

/** What an atomic batch is to do to one document. It names each document only once. */
export interface AtomicItem extends Address {
  /**
   * @param before the document's JSON text, null if it does not exist
   * @returns its new JSON text, null to delete it
   */
  readonly contentAfter: (before: string | null) => string | null;
  /** whether the document must exist or must not exist before */
  readonly needs?: "present" | "absent";
  readonly precondition?: Precondition;
}

/** What an atomic batch is to write, after its documents have been read. */
export interface AtomicWrite extends Address {
  /** JSON text, null to delete the document */
  readonly payload: string | null;
}

export interface AtomicBatch {
  readonly index: string;
  readonly items: readonly AtomicItem[];
  readonly refresh: Refresh;
  /** each collection that the items name, as it was pinned */
  readonly collections: ReadonlyMap<string, CollectionDescription>;
  /** awaited before the journal is written; if it throws, nothing is written */
  readonly beforeFirstWrite?: (() => Promise<void>) | undefined;
}

export function collectionsOf({
  collections,
}: AtomicBatch): JournalCollection[] {
  return [...collections].map(([name, { uuid }]) => ({ name, uuid }));
}

/**
 * Finds out why a batch can't be written, before anything is sent.
 *
 * @param before by position
 * @returns by position: the reason, or undefined if the item can be written
 */
export function brokenConditions(
  items: readonly AtomicItem[],
  before: ReadonlyArray<PresentDocument | null>,
): Array<Failure | undefined> {
  return items.map(({ needs, precondition }, i) => {
    const now = before[i] as PresentDocument | null;
    if (now?.notJson === true) {
      return NOT_JSON; // a rollback could not restore it
    }
    if (needs === "absent" && now !== null) {
      return conflict("The document already exists.");
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
      : conflict("The document does not have the expected version.");
  });
}
