import { createHash } from "node:crypto";

import type { JournalEntry } from "../../storage/JournalStore";

/** A document as it is now, byte for byte; null when there is none. */
export interface PresentDocument {
  readonly sourceText: string;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/**
 * What is to be done with one document of a batch that is given up:
 *
 * - `untouched`: the batch has not reached it
 * - `restore`, `remove`: the batch has written it, and nobody after
 * - `foreign`: somebody else has changed it since
 */
export type Undo =
  | { readonly kind: "untouched" }
  | { readonly kind: "foreign" }
  | {
      readonly kind: "restore";
      readonly sourceText: string;
      readonly now: PresentDocument;
    }
  | { readonly kind: "remove"; readonly now: PresentDocument };

/**
 * @param isOfLaterBatch another batch has the document by now: the same bytes
 * may be its own, as when a caller has sent the batch again
 */
export function decideUndo(
  { intendedHash, before }: JournalEntry,
  now: PresentDocument | null,
  isOfLaterBatch: boolean,
): Undo {
  if (now === null) {
    return { kind: before === null ? "untouched" : "foreign" };
  }
  if (
    before !== null &&
    now.seqNo === before.seqNo &&
    now.primaryTerm === before.primaryTerm
  ) {
    return { kind: "untouched" };
  }
  if (isOfLaterBatch || hashSource(now.sourceText) !== intendedHash) {
    return { kind: "foreign" };
  }
  return before === null
    ? { kind: "remove", now }
    : { kind: "restore", sourceText: before.sourceText, now };
}

export function hashSource(sourceText: string): string {
  return createHash("sha256").update(sourceText).digest("base64");
}
