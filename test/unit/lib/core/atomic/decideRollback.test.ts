import should from "should";

import {
  decideUndo,
  hashDocument,
  type Fate,
  type PresentDocument,
  type Undo,
} from "../../../../../lib/core/atomic/decideRollback";
import type {
  JournalEntry,
  Rival,
  Writer,
} from "../../../../../lib/core/ports/JournalStore";

const OLD = '{"was":1}';
const OURS = '{"is":1}';
const THEIRS = '{"else":1}';

/** Each write has made one more version of it, and one more seq_no. */
function at(seqNo: number, sourceText: string): PresentDocument {
  return { sourceText, version: seqNo, seqNo, primaryTerm: 1 };
}

function entry(before: PresentDocument | null): JournalEntry {
  return {
    _id: "a",
    intendedHash: hashDocument("a", OURS),
    before,
    beforeHash: before && hashDocument("a", before.sourceText),
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

/** As when the journals of others may be gone. */
const INCOMPLETE: Rival[] = [];

const KEEPER: Rival = { kind: "keeper", hash: "" };
const RESTORER: Rival = { kind: "restorer", hash: "" };
const REPLACES = entry(at(3, OLD));
const CREATES = entry(null);
const WRITTEN: Fate = { seqNo: 5, primaryTerm: 1 };

type Row = [
  title: string,
  entry: JournalEntry,
  now: PresentDocument | null,
  fate: Fate | undefined,
  rivals: Rival[],
  expected: Undo["kind"],
];

const TABLE: Row[] = [
  // nobody knows what the engine has done
  ["not there, as before", CREATES, null, undefined, [], "unreached"],
  ["the same version", REPLACES, at(3, OLD), undefined, [], "unreached"],
  [
    "our bytes where there were none",
    CREATES,
    at(5, OURS),
    undefined,
    [],
    "remove",
  ],
  ["our bytes", REPLACES, at(5, OURS), undefined, [], "restore"],
  ["other bytes", REPLACES, at(5, THEIRS), undefined, [], "foreign"],
  [
    "other bytes where there were none",
    CREATES,
    at(5, THEIRS),
    undefined,
    [],
    "foreign",
  ],
  ["deleted since", REPLACES, null, undefined, [], "foreign"],
  ["put back already", REPLACES, at(6, OLD), undefined, [], "untouched"],
  // the engine has answered
  [
    "refused, and somebody else's",
    REPLACES,
    at(5, THEIRS),
    "unwritten",
    [],
    "untouched",
  ],
  [
    "refused, and the same bytes",
    CREATES,
    at(5, OURS),
    "unwritten",
    [],
    "untouched",
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
    "foreign",
  ],
  ["written, and put back", REPLACES, at(6, OLD), WRITTEN, [], "untouched"],
  ["created, and deleted", CREATES, null, WRITTEN, [], "untouched"],
  // refused, which proves nothing when the primary's node has died
  ["as it was", REPLACES, at(3, OLD), "unproven", [], "untouched"],
  ["not there, as before", CREATES, null, "unproven", [], "untouched"],
  ["deleted since", REPLACES, null, "unproven", [], "untouched"],
  [
    "our own first write",
    counted(at(3, OLD)),
    at(4, OURS),
    "unproven",
    [],
    "restore",
  ],
  [
    "our own first write, where there was none",
    counted(null),
    at(1, OURS),
    "unproven",
    [],
    "remove",
  ],
  [
    "one write, by another",
    counted(at(3, OLD)),
    at(4, THEIRS),
    "unproven",
    [KEEPER],
    "untouched",
  ],
  [
    "one write, by another, where there was none",
    counted(null),
    at(1, THEIRS),
    "unproven",
    [],
    "untouched",
  ],
  [
    "two writes, the last by another",
    counted(at(3, OLD)),
    at(5, THEIRS),
    "unproven",
    [],
    "foreign",
  ],
  [
    "one write, by another, and ours may come yet",
    counted(null),
    at(1, THEIRS),
    undefined,
    [],
    "unreached",
  ],
  [
    "by another, in a journal that counts no versions",
    REPLACES,
    at(4, THEIRS),
    "unproven",
    [],
    "foreign",
  ],
  [
    "our bytes, and a committed batch has written them",
    CREATES,
    at(1, OURS),
    "unproven",
    [writer("kept", null)],
    "ambiguous",
  ],
  // others with the same bytes
  [
    "a committed batch has written it",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("kept", null)],
    "ambiguous",
  ],
  [
    "a pending batch may have",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("pending", null)],
    "undecided",
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
    [writer("kept", null)],
    "remove",
  ],
  [
    "a batch to be undone has found the same",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("undone", at(3, OLD))],
    "restore",
  ],
  [
    "a batch to be undone has found nothing either",
    CREATES,
    at(5, OURS),
    undefined,
    [writer("undone", null)],
    "remove",
  ],
  [
    "a batch to be undone has written them over other bytes",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("undone", at(4, THEIRS))],
    "ambiguous",
  ],
  [
    "a batch to be undone has written them where there was none",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("undone", null)],
    "ambiguous",
  ],
  [
    "a batch to be undone has written them over the same bytes",
    REPLACES,
    at(6, OURS),
    undefined,
    [writer("undone", at(5, OURS), true)],
    "restore",
  ],
  [
    "a committed batch has replaced the same version",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("kept", at(3, OLD))],
    "untouched",
  ],
  [
    "a committed batch has replaced another version",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("kept", at(4, THEIRS))],
    "ambiguous",
  ],
  [
    "a batch that had found what ours has replaced was too late",
    REPLACES,
    at(5, OURS),
    undefined,
    [writer("kept", at(2, THEIRS))],
    "restore",
  ],
  [
    "a batch before ours has put them back",
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
  // others that may bring our bytes back
  [
    "changed by a batch that may be undone",
    REPLACES,
    at(6, THEIRS),
    undefined,
    [KEEPER],
    "undecided",
  ],
  [
    "put back, and our bytes may return",
    REPLACES,
    at(6, OLD),
    undefined,
    [KEEPER],
    "undecided",
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

describe("what becomes of a document when its batch is given up", () => {
  for (const [title, journaled, now, fate, rivals, expected] of TABLE) {
    const known =
      fate === undefined
        ? "answer lost"
        : typeof fate === "string"
          ? fate
          : "written";
    it(`${title} (${known}): ${expected} [W3, W6]`, () => {
      should(
        decideUndo(journaled, now, fate, {
          rivals,
          isComplete: rivals !== INCOMPLETE,
        }).kind,
      ).equal(expected);
    });
  }

  it("puts the bytes back that were there, guarded by what is there [W3]", () => {
    should(
      decideUndo(REPLACES, at(5, OURS), undefined, {
        rivals: [],
        isComplete: true,
      }),
    ).eql({
      kind: "restore",
      sourceText: OLD,
      now: at(5, OURS),
    });
  });

  it("tells the same bytes of two documents apart [W3]", () => {
    should(hashDocument("a", OURS)).not.equal(hashDocument("b", OURS));
  });
});
