import { createHash } from "node:crypto";

import type { RawDocument } from "../ports/DocumentStore";
import {
  addressKey,
  type JournalEntry,
  type JournalVersion,
  type Rival,
  type Writer,
} from "../ports/JournalStore";
import type { Address } from "../../types";
import { isBackAtOnce, isVersion } from "./versions";

/** A document as it is now, byte for byte. */
export type PresentDocument = RawDocument;

/**
 * What the engine's response says about a document of the batch: it was not written, or
 * it was written in this version. Undefined: it may be in flight.
 *
 * `conflicted`: it was rejected, but may have been written nevertheless. When the node
 * of a primary dies, Elasticsearch itself resends an item to the promoted copy, where
 * the item conflicts with its own first write. Nothing is in flight any more.
 */
export type WriteStatus = "not written" | "conflicted" | JournalVersion;

/**
 * What a rollback does with one document:
 *
 * - `unchanged`: nothing; it holds what it held before the batch
 * - `in_flight`: nothing for the same reason, but the bulk may still write it
 * - `restore`, `recreate`, `remove`: the batch wrote it, and nobody has since
 * - `modified`: nothing; somebody else has modified it since
 * - `ambiguous`: nothing; it holds what the batch was to write, but whether the batch
 *   was the last to write it is unknown
 * - `wait`: it depends on another batch, which is not finished yet
 */
export type RollbackDecision =
  | { readonly kind: "unchanged" }
  | { readonly kind: "in_flight" }
  | { readonly kind: "modified" }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "wait" }
  | {
      readonly kind: "restore";
      readonly sourceText: string;
      readonly now: PresentDocument;
    }
  | { readonly kind: "recreate"; readonly sourceText: string }
  | { readonly kind: "remove"; readonly now: PresentDocument };

/** What is known about other batches that have written or read the same bytes. */
export interface Evidence {
  readonly rivals: readonly Rival[];
  /** false: there may have been others whose journals are gone */
  readonly isComplete: boolean;
}

export function decideRollback(
  entry: JournalEntry,
  now: PresentDocument | null,
  status: WriteStatus | undefined,
  evidence: Evidence,
): RollbackDecision {
  const { before } = entry;
  if (status === "not written") {
    return { kind: "unchanged" };
  }
  if (now === null) {
    return decideAbsent(entry, status, evidence);
  }
  if (before !== null && isVersion(now, before)) {
    return atRest(status);
  }
  if (wasNeverOurs(entry, now, status)) {
    return atRest(status);
  }
  if (!isOurs(entry, now, status) || before?.sourceText === now.sourceText) {
    return decideOthers(entry, now, evidence.rivals);
  }
  const other = isDoubtful(status)
    ? decideAmongWriters(before, now, evidence)
    : undefined;
  if (other !== undefined) {
    return other;
  }
  return before === null
    ? { kind: "remove", now }
    : { kind: "restore", sourceText: before.sourceText, now };
}

function decideAbsent(
  { before, deletes }: JournalEntry,
  status: WriteStatus | undefined,
  evidence: Evidence,
): RollbackDecision {
  if (deletes === true && before !== null) {
    return decideDeleted(before, status, evidence);
  }
  if (evidence.rivals.some(({ kind }) => kind === "keeper")) {
    // a batch that deleted our bytes may restore them
    return { kind: "wait" };
  }
  // the deletion removed whatever the batch had written
  return before === null || status === "conflicted"
    ? atRest(status)
    : { kind: "modified" };
}

/**
 * Unlike bytes, absence does not show who caused it. A conflict mostly means that
 * somebody else was faster; then that deletion stays.
 */
function decideDeleted(
  before: NonNullable<JournalEntry["before"]>,
  status: WriteStatus | undefined,
  evidence: Evidence,
): RollbackDecision {
  const other = decideAmongWriters(before, ABSENT, evidence);
  if (other !== undefined) {
    return other;
  }
  const isByBatch = evidence.rivals.some(({ kind }) => kind === "writer");
  return status === "conflicted" && !isByBatch
    ? { kind: "ambiguous" }
    : { kind: "recreate", sourceText: before.sourceText };
}

/** A deletion has a version too, but it can't be read. */
const ABSENT: JournalVersion = { seqNo: Infinity, primaryTerm: Infinity };

/**
 * Decides when other batches were to write the very bytes that the document holds.
 * Which of them did so does not matter: if none of them is committed, what all of them
 * found may be restored. If they found different things, what to restore is unknown.
 *
 * @returns undefined when restoring is right, whoever wrote the bytes
 */
function decideAmongWriters(
  before: JournalEntry["before"],
  now: JournalVersion,
  { rivals, isComplete }: Evidence,
): RollbackDecision | undefined {
  if (!isComplete || rivals.some(({ kind }) => kind === "restorer")) {
    return { kind: "ambiguous" };
  }
  const writers = rivals.filter((rival) => mayHaveWritten(rival, before, now));
  const committed = writers.filter(({ decision }) => decision === "committed");
  if (committed.length > 0) {
    // two batches can't both have replaced the same version
    const isProven =
      before !== null && committed.some((each) => hasFound(each, before));
    return { kind: isProven ? "unchanged" : "ambiguous" };
  }
  if (writers.some(({ decision }) => decision === "pending")) {
    return { kind: "wait" };
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

/**
 * Somebody wrote the document after the batch, even if only this node to restore it.
 */
function decideOthers(
  entry: JournalEntry,
  now: PresentDocument,
  rivals: readonly Rival[],
): RollbackDecision {
  if (rivals.some(({ kind }) => kind === "keeper")) {
    return { kind: "wait" };
  }
  if (entry.before?.sourceText !== now.sourceText) {
    return { kind: "modified" };
  }
  const mayBeUndue =
    entry.deletes === true && !isBackAtOnce(entry, now.version);
  return { kind: mayBeUndue ? "ambiguous" : "unchanged" };
}

/** Whether the decision depends on what other batches do to the document. */
export function dependsOnRivals(
  entry: JournalEntry,
  now: PresentDocument | null,
  status: WriteStatus | undefined,
): boolean {
  const { before } = entry;
  if (status === "not written") {
    return false;
  }
  if (now === null) {
    return true;
  }
  if (before !== null && isVersion(now, before)) {
    return false;
  }
  if (wasNeverOurs(entry, now, status)) {
    return false;
  }
  return isDoubtful(status) || !isOurs(entry, now, status);
}

/**
 * If exactly one write has happened since the batch read the document, and its bytes
 * are not the batch's, the batch has not written it.
 */
function wasNeverOurs(
  entry: JournalEntry,
  now: PresentDocument,
  status: WriteStatus | undefined,
): boolean {
  return (
    isDoubtful(status) &&
    entry.versionBefore !== undefined &&
    now.version === entry.versionBefore + 1 &&
    !isOurs(entry, now, status)
  );
}

/** The engine's response, if any, does not say whether the batch wrote the document. */
function isDoubtful(
  status: WriteStatus | undefined,
): status is "conflicted" | undefined {
  return status === undefined || status === "conflicted";
}

/** Decides by the engine's response, or else by the bytes. */
export function isOurs(
  entry: JournalEntry,
  now: PresentDocument,
  status: WriteStatus | undefined,
): boolean {
  if (status === "not written") {
    return false;
  }
  return isDoubtful(status)
    ? hashDocument(entry, now.sourceText) === entry.intendedHash
    : isVersion(now, status);
}

/**
 * @param sourceText null if the document does not exist; no other text has that hash
 */
export function hashDocument(
  address: Address,
  sourceText: string | null,
): string {
  return createHash("sha256")
    .update(JSON.stringify(addressKey(address)))
    .update(sourceText ?? "")
    .digest("base64");
}

function atRest(status: WriteStatus | undefined): RollbackDecision {
  return { kind: status === undefined ? "in_flight" : "unchanged" };
}

/**
 * A rival writes only if the document is still in the version that it found. It can't
 * have written if we found a later version, or if the one that it found is still there.
 */
function mayHaveWritten(
  rival: Rival,
  before: JournalVersion | null,
  now: JournalVersion,
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
