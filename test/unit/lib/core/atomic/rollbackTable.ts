/** What a rollback does with a document, for each state that it may meet. */
import {
  hashDocument,
  type WriteStatus,
  type PresentDocument,
  type RollbackDecision,
} from "../../../../../lib/core/atomic/decideRollback";
import type {
  JournalEntry,
  Rival,
  Writer,
} from "../../../../../lib/core/ports/JournalStore";

export const A = { collection: "yellow", _id: "a" };
export const OLD = '{"was":1}';
export const OURS = '{"is":1}';
const THEIRS = '{"else":1}';

/** Each write has added one version and one seq_no. */
export function at(seqNo: number, sourceText: string): PresentDocument {
  return { sourceText, version: seqNo, seqNo, primaryTerm: 1 };
}

function entry(before: PresentDocument | null): JournalEntry {
  return {
    ...A,
    intendedHash: hashDocument(A, OURS),
    before,
    beforeHash: hashDocument(A, before?.sourceText ?? null),
  };
}

function counted(before: PresentDocument | null): JournalEntry {
  return { ...entry(before), versionBefore: before?.version ?? 0 };
}

function writer(
  decision: Writer["decision"],
  before: PresentDocument | null,
  rewrites = false,
): Rival {
  return { kind: "writer", hash: "", before, rewrites, decision };
}

/** As if journals of others may be gone. */
export const INCOMPLETE: Rival[] = [];

const KEEPER: Rival = { kind: "keeper", hash: "" };
const RESTORER: Rival = { kind: "restorer", hash: "" };
export const REPLACES = entry(at(3, OLD));
const CREATES = entry(null);
const DELETES: JournalEntry = {
  ...REPLACES,
  intendedHash: hashDocument(A, null),
  deletes: true,
  versionBefore: 3,
};
const WRITTEN: WriteStatus = { seqNo: 5, primaryTerm: 1 };

type Row = [
  title: string,
  entry: JournalEntry,
  now: PresentDocument | null,
  status: WriteStatus | undefined,
  rivals: Rival[],
  expected: RollbackDecision["kind"],
];

export const TABLE: Row[] = [
  // it is unknown what the engine did
  ["not there, as before", CREATES, null, undefined, [], "in_flight"],
  ["the same version", REPLACES, at(3, OLD), undefined, [], "in_flight"],
  [
    "our bytes where there were none",
    CREATES,
    at(5, OURS),
    undefined,
    [],
    "remove",
  ],
  ["our bytes", REPLACES, at(5, OURS), undefined, [], "restore"],
  ["other bytes", REPLACES, at(5, THEIRS), undefined, [], "modified"],
  [
    "other bytes where there were none",
    CREATES,
    at(5, THEIRS),
    undefined,
    [],
    "modified",
  ],
  ["deleted since", REPLACES, null, undefined, [], "modified"],
  ["restored already", REPLACES, at(6, OLD), undefined, [], "unchanged"],
  // the engine has responded
  [
    "refused, and somebody else's",
    REPLACES,
    at(5, THEIRS),
    "not written",
    [],
    "unchanged",
  ],
  [
    "refused, and the same bytes",
    CREATES,
    at(5, OURS),
    "not written",
    [],
    "unchanged",
  ],
  ["written in this version", REPLACES, at(5, OURS), WRITTEN, [], "restore"],
  [
    "written, and changed by a pipeline",
    REPLACES,
    at(5, THEIRS),
    WRITTEN,
    [],
    "restore",
  ],
  [
    "written, and the same bytes again",
    REPLACES,
    at(6, OURS),
    WRITTEN,
    [],
    "modified",
  ],
  ["written, and restored", REPLACES, at(6, OLD), WRITTEN, [], "unchanged"],
  ["created, and deleted", CREATES, null, WRITTEN, [], "unchanged"],
  // rejected, which proves nothing if the primary's node has died
  ["as it was", REPLACES, at(3, OLD), "conflicted", [], "unchanged"],
  ["not there, as before", CREATES, null, "conflicted", [], "unchanged"],
  ["deleted since", REPLACES, null, "conflicted", [], "unchanged"],
  [
    "our own first write",
    counted(at(3, OLD)),
    at(4, OURS),
    "conflicted",
    [],
    "restore",
  ],
  [
    "our own first write, where there was none",
    counted(null),
    at(1, OURS),
    "conflicted",
    [],
    "remove",
  ],
  [
    "one write, by another",
    counted(at(3, OLD)),
    at(4, THEIRS),
    "conflicted",
    [KEEPER],
    "unchanged",
  ],
  [
    "one write, by another, where there was none",
    counted(null),
    at(1, THEIRS),
    "conflicted",
    [],
    "unchanged",
  ],
  [
    "two writes, the last by another",
    counted(at(3, OLD)),
    at(5, THEIRS),
    "conflicted",
    [],
    "modified",
  ],
  [
    "one write, by another, and ours may come yet",
    counted(null),
    at(1, THEIRS),
    undefined,
    [],
    "in_flight",
  ],
  [
    "by another, in a journal that counts no versions",
    REPLACES,
    at(4, THEIRS),
    "conflicted",
    [],
    "modified",
  ],
  [
    "our bytes, and a committed batch has written them",
    CREATES,
    at(1, OURS),
    "conflicted",
    [writer("committed", null)],
    "ambiguous",
  ],
  // deletes
  ["deleted by us", DELETES, null, WRITTEN, [], "recreate"],
  ["deleted, maybe by us", DELETES, null, undefined, [], "recreate"],
  ["deleted by another first", DELETES, null, "conflicted", [], "ambiguous"],
  [
    "deleted by a batch that is rolled back",
    DELETES,
    null,
    "conflicted",
    [writer("rolled back", at(3, OLD))],
    "recreate",
  ],
  [
    "deleted by a batch that is committed",
    DELETES,
    null,
    "conflicted",
    [writer("committed", at(3, OLD))],
    "unchanged",
  ],
  // others with the same bytes
  // brought back after a deletion
  ["deleted by us and back", DELETES, at(5, OLD), undefined, [], "unchanged"],
  [
    "back, and there in between",
    DELETES,
    at(7, OLD),
    undefined,
    [],
    "ambiguous",
  ],
  [
    "back when the engine had forgotten the deletion",
    DELETES,
    { ...at(7, OLD), version: 1 },
    undefined,
    [],
    "unchanged",
  ],
  [
    "replaced after our deletion",
    DELETES,
    at(5, THEIRS),
    undefined,
    [],
    "modified",
  ],
  [
    "a committed batch has written it",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("committed", null)],
    "ambiguous",
  ],
  [
    "a pending batch may have",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("pending", null)],
    "wait",
  ],
  [
    "a pending batch has found it so",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("pending", at(5, OURS))],
    "remove",
  ],
  [
    "our version, whatever others do",
    CREATES,
    at(5, OURS),
    WRITTEN,
    [writer("committed", null)],
    "remove",
  ],
  [
    "a batch to be rolled back has found the same",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("rolled back", at(3, OLD))],
    "restore",
  ],
  [
    "a batch to be rolled back has found nothing either",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("rolled back", null)],
    "remove",
  ],
  [
    "a batch to be rolled back has written them over other bytes",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("rolled back", at(4, THEIRS))],
    "ambiguous",
  ],
  [
    "a batch to be rolled back has written them where there was none",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("rolled back", null)],
    "ambiguous",
  ],
  [
    "a batch to be rolled back has written them over the same bytes",
    REPLACES,
    at(6, OURS),
    undefined,
    [writer("rolled back", at(5, OURS), true)],
    "restore",
  ],
  [
    "a committed batch has replaced the same version",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("committed", at(3, OLD))],
    "unchanged",
  ],
  [
    "a committed batch has replaced another version",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("committed", at(4, THEIRS))],
    "ambiguous",
  ],
  [
    "a batch that had found what ours has replaced was too late",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("committed", at(2, THEIRS))],
    "restore",
  ],
  [
    "a batch before ours has restored them",
    CREATES,
    at(5, OURS),
    undefined,
    [RESTORER],
    "ambiguous",
  ],
  [
    "the journals of others may be gone",
    CREATES,
    at(5, OURS),
    undefined,
    INCOMPLETE,
    "ambiguous",
  ],
  [
    "the journals of others may be gone, and the engine has answered",
    CREATES,
    at(5, OURS),
    WRITTEN,
    INCOMPLETE,
    "remove",
  ],
  // others that may restore our bytes
  [
    "changed by a batch that may be rolled back",
    REPLACES,
    at(6, THEIRS),
    undefined,
    [KEEPER],
    "wait",
  ],
  [
    "restored, and our bytes may return",
    REPLACES,
    at(6, OLD),
    undefined,
    [KEEPER],
    "wait",
  ],
  [
    "ours, whoever has found it",
    REPLACES,
    at(5, OURS),
    undefined,
    [KEEPER],
    "restore",
  ],
];
