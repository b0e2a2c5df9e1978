import { createHash } from "node:crypto";

import type {
  JournalEntry,
  JournalVersion,
  Rival,
  Writer,
} from "../../storage/JournalStore";

/** A document as it is now, byte for byte; null when there is none. */
export interface PresentDocument {
  readonly sourceText: string;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/**
 * What the engine has answered for a document of the batch: it was not written,
 * or this is the version that it was written in. No fate: nobody knows.
 */
export type Fate = "unwritten" | JournalVersion;

/**
 * What is to be done with one document of a batch that is given up:
 *
 * - `untouched`: it holds what it held before the batch
 * - `unreached`: the same, and the bulk may still be on its way to it
 * - `restore`, `remove`: the batch has written it, and nobody after
 * - `foreign`: somebody else has changed it since
 * - `undecided`: that depends on another batch, which is not settled yet
 */
export type Undo =
  | { readonly kind: "untouched" }
  | { readonly kind: "unreached" }
  | { readonly kind: "foreign" }
  | { readonly kind: "undecided" }
  | {
      readonly kind: "restore";
      readonly sourceText: string;
      readonly now: PresentDocument;
    }
  | { readonly kind: "remove"; readonly now: PresentDocument };

/** @param rivals other batches that have to do with the bytes of the entry */
export function decideUndo(
  entry: JournalEntry,
  now: PresentDocument | null,
  fate: Fate | undefined,
  rivals: readonly Rival[],
): Undo {
  const { before } = entry;
  if (fate === "unwritten") {
    return { kind: "untouched" };
  }
  if (now === null) {
    return before === null ? atRest(fate) : { kind: "foreign" };
  }
  if (before !== null && isVersion(now, before)) {
    return atRest(fate);
  }
  if (!isOurs(entry, now, fate) || before?.sourceText === now.sourceText) {
    return decideOthers(before, now, rivals);
  }
  const writers =
    fate === undefined
      ? rivals.filter((rival) => rivalMayHaveWritten(rival, now))
      : [];
  if (writers.length > 0) {
    return {
      kind: writers.some(({ isKept }) => isKept) ? "foreign" : "undecided",
    };
  }
  return before === null
    ? { kind: "remove", now }
    : { kind: "restore", sourceText: before.sourceText, now };
}

/** Somebody has come after us, if only ourselves to put it back. */
function decideOthers(
  before: JournalEntry["before"],
  now: PresentDocument,
  rivals: readonly Rival[],
): Undo {
  if (rivals.some(({ kind }) => kind === "keeper")) {
    return { kind: "undecided" };
  }
  return {
    kind: before?.sourceText === now.sourceText ? "untouched" : "foreign",
  };
}

/** Whether the decision depends on what other batches do with the document. */
export function dependsOnRivals(
  entry: JournalEntry,
  now: PresentDocument | null,
  fate: Fate | undefined,
): boolean {
  const { before } = entry;
  if (fate === "unwritten" || now === null) {
    return false;
  }
  if (before !== null && isVersion(now, before)) {
    return false;
  }
  return fate === undefined || !isOurs(entry, now, fate);
}

/** By the engine's own word, or else by the bytes. */
export function isOurs(
  { _id, intendedHash }: JournalEntry,
  now: PresentDocument,
  fate: Fate | undefined,
): boolean {
  if (fate === "unwritten") {
    return false;
  }
  return fate === undefined
    ? hashDocument(_id, now.sourceText) === intendedHash
    : isVersion(now, fate);
}

export function hashDocument(_id: string, sourceText: string): string {
  return createHash("sha256")
    .update(JSON.stringify(_id))
    .update(sourceText)
    .digest("base64");
}

function atRest(fate: Fate | undefined): Undo {
  return { kind: fate === undefined ? "unreached" : "untouched" };
}

/** It writes on condition that the document is as it has found it. */
function rivalMayHaveWritten(
  rival: Rival,
  now: PresentDocument,
): rival is Writer {
  return (
    rival.kind === "writer" &&
    (rival.before === null || !isVersion(now, rival.before))
  );
}

export function isVersion(
  now: PresentDocument,
  version: JournalVersion,
): boolean {
  return now.seqNo === version.seqNo && now.primaryTerm === version.primaryTerm;
}
