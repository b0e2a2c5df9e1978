import { createHash } from "node:crypto";

import type { RawDocument } from "../ports/DocumentStore";
import type {
  JournalEntry,
  JournalVersion,
  Rival,
  Writer,
} from "../ports/JournalStore";

/** A document as it is now, byte for byte. */
export type PresentDocument = RawDocument;

/**
 * What the engine has answered for a document of the batch: it was not written,
 * or this is the version that it was written in. No fate: nobody knows.
 *
 *
 * `unproven`: it was refused, and may have been written all the same. When the
 * node of a primary dies, Elasticsearch itself sends an item again to the promoted
 * copy, where it conflicts with its own first write. Nothing is in flight any more.
 */
export type Fate = "unwritten" | "unproven" | JournalVersion;

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
    // a deletion took with it whatever there was
    return before === null || fate === "unproven"
      ? atRest(fate)
      : { kind: "foreign" };
  }
  if (before !== null && isVersion(now, before)) {
    return atRest(fate);
  }
  if (wasNeverOurs(entry, now, fate)) {
    return atRest(fate);
  }
  if (!isOurs(entry, now, fate) || before?.sourceText === now.sourceText) {
    return decideOthers(before, now, rivals);
  }
  const writers = isDoubtful(fate)
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
  if (wasNeverOurs(entry, now, fate)) {
    return false;
  }
  return isDoubtful(fate) || !isOurs(entry, now, fate);
}

/**
 * Exactly one write has happened since the batch has read the document, and its
 * bytes are not the batch's: so the batch has not written it.
 */
function wasNeverOurs(
  entry: JournalEntry,
  now: PresentDocument,
  fate: Fate | undefined,
): boolean {
  return (
    isDoubtful(fate) &&
    entry.versionBefore !== undefined &&
    now.version === entry.versionBefore + 1 &&
    !isOurs(entry, now, fate)
  );
}

/** The engine's answer, if any, does not tell whether the batch has written. */
function isDoubtful(fate: Fate | undefined): fate is "unproven" | undefined {
  return fate === undefined || fate === "unproven";
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
  return isDoubtful(fate)
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
  now: JournalVersion,
  version: JournalVersion,
): boolean {
  return now.seqNo === version.seqNo && now.primaryTerm === version.primaryTerm;
}
