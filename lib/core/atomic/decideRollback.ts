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
 * - `ambiguous`: it holds what the batch was to write, and nobody can tell whether
 *   it was the batch that has written it last
 * - `undecided`: that depends on another batch, which is not settled yet
 */
export type Undo =
  | { readonly kind: "untouched" }
  | { readonly kind: "unreached" }
  | { readonly kind: "foreign" }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "undecided" }
  | {
      readonly kind: "restore";
      readonly sourceText: string;
      readonly now: PresentDocument;
    }
  | { readonly kind: "remove"; readonly now: PresentDocument };

/** What is known of other batches that have to do with the bytes of an entry. */
export interface Evidence {
  readonly rivals: readonly Rival[];
  /** false: there may have been others, whose journals are gone */
  readonly isComplete: boolean;
}

export function decideUndo(
  entry: JournalEntry,
  now: PresentDocument | null,
  fate: Fate | undefined,
  evidence: Evidence,
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
    return decideOthers(before, now, evidence.rivals);
  }
  const other = isDoubtful(fate)
    ? decideAmongWriters(before, now, evidence)
    : undefined;
  if (other !== undefined) {
    return other;
  }
  return before === null
    ? { kind: "remove", now }
    : { kind: "restore", sourceText: before.sourceText, now };
}

/**
 * Other batches were to write the very bytes that the document holds. It does not
 * matter which of them has: what they have all found may be put back when none of
 * them is kept. Where they have found different things nobody can tell what to
 * put back.
 *
 * @returns undefined when taking the bytes back is right, whoever has written them
 */
function decideAmongWriters(
  before: JournalEntry["before"],
  now: PresentDocument,
  { rivals, isComplete }: Evidence,
): Undo | undefined {
  if (!isComplete || rivals.some(({ kind }) => kind === "restorer")) {
    return { kind: "ambiguous" };
  }
  const writers = rivals.filter((rival) => mayHaveWritten(rival, before, now));
  const kept = writers.filter(({ decision }) => decision === "kept");
  if (kept.length > 0) {
    // two can't both have replaced the same version
    const isProven =
      before !== null && kept.some((each) => hasFound(each, before));
    return { kind: isProven ? "untouched" : "ambiguous" };
  }
  if (writers.some(({ decision }) => decision === "pending")) {
    return { kind: "undecided" };
  }
  const isAlike = writers.every(
    (writer) => writer.rewrites || hasFound(writer, before),
  );
  return isAlike ? undefined : { kind: "ambiguous" };
}

function hasFound(writer: Writer, before: JournalVersion | null): boolean {
  return before === null || writer.before === null
    ? before === writer.before
    : isVersion(writer.before, before);
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

/**
 * It writes on condition that the document is as it has found it: which it no longer
 * was when we have found something later, and still is when that is there now.
 */
function mayHaveWritten(
  rival: Rival,
  before: JournalVersion | null,
  now: PresentDocument,
): rival is Writer {
  if (rival.kind !== "writer") {
    return false;
  }
  const found = rival.before;
  return (
    found === null ||
    (found.seqNo < now.seqNo && found.seqNo >= (before?.seqNo ?? 0))
  );
}

export function isVersion(
  now: JournalVersion,
  version: JournalVersion,
): boolean {
  return now.seqNo === version.seqNo && now.primaryTerm === version.primaryTerm;
}
