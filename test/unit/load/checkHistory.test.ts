/** The history checker, on histories with and without a violation of each kind. */
import should from "should";

import { checkHistory } from "../../load/history/checkHistory";
import type { ReadEvent, WriteEvent } from "../../load/history/events";

const MINUTES = 60_000;

/** A write that takes ten milliseconds. */
function write(from: number, change: Partial<WriteEvent>): WriteEvent {
  return {
    ...{ _id: "a", from, to: from + 10, kind: "replace", value: "x" },
    ...{ action: "mWrite", outcome: "acknowledged" },
    ...change,
  };
}

/** An instantaneous read. */
function read(from: number, change: Partial<ReadEvent>): ReadEvent {
  return { _id: "a", from, to: from, value: undefined, updates: [], ...change };
}

/** The final read, when nothing is in flight any more. */
function last(change: Partial<ReadEvent>): ReadEvent {
  return read(MINUTES, { isFinal: true, ...change });
}

function kindsOf(
  writes: readonly WriteEvent[],
  reads: readonly ReadEvent[],
): string[] {
  return checkHistory({ writes, reads }).map(({ kind }) => kind);
}

const X = write(0, { value: "x" });
const Y = write(100, { value: "y" });

const PLANTED: Record<
  string,
  [kind: string, writes: WriteEvent[], reads: ReadEvent[]]
> = {
  "an acknowledged write that is not there": ["lost", [X], [last({})]],
  "an older value in the end": ["lost", [X, Y], [last({ value: "x" })]],
  "an acknowledged deletion that is undone": [
    "lost",
    [X, write(100, { value: undefined })],
    [last({ value: "x" })],
  ],
  "an acknowledged update that is not there": [
    "lost",
    [X, write(100, { kind: "update", value: "u" })],
    [last({ value: "x" })],
  ],
  "a read behind an acknowledged write": [
    "stale",
    [X, Y],
    [read(120, { value: "x" })],
  ],
  "a read of nothing after an acknowledged write": [
    "stale",
    [X],
    [read(20, {})],
  ],
  "a read behind what was read before, of an unknown outcome": [
    "stale",
    [X, write(100, { value: "y", outcome: "unknown" })],
    [read(105, { value: "y" }), read(120, { value: "x" })],
  ],
  "a read behind an acknowledged update": [
    "stale",
    [X, write(100, { kind: "update", value: "u" })],
    [read(120, { value: "x" })],
  ],
  "a refused write that is there": [
    "untrue",
    [write(0, { outcome: "refused" })],
    [last({ value: "x" })],
  ],
  "a refused update that is there": [
    "untrue",
    [X, write(100, { kind: "update", value: "u", outcome: "refused" })],
    [last({ value: "x", updates: ["u"] })],
  ],
  "a batch that was rolled back, and is read afterwards": [
    "untrue",
    [write(0, { outcome: "refused", batch: "1" })],
    [read(20, { value: "x" })],
  ],
  "a value that nobody has written": ["invented", [], [last({ value: "x" })]],
  "a value before it is written": [
    "invented",
    [write(100, { value: "x" })],
    [read(50, { value: "x" })],
  ],
  "a part of a batch of an unknown outcome": [
    "torn",
    [
      write(0, { outcome: "unknown", batch: "1" }),
      write(0, { _id: "b", value: "y", outcome: "unknown", batch: "1" }),
    ],
    [last({ value: "x" }), last({ _id: "b" })],
  ],
  "an update that was applied twice": [
    "miscounted",
    [X, write(100, { kind: "update", value: "u" })],
    [last({ value: "x", updates: ["u"], version: 3 })],
  ],
};

const SOUND: Record<string, [writes: WriteEvent[], reads: ReadEvent[]]> = {
  "either of two writes at a time": [
    [X, write(5, { value: "y" })],
    [last({ value: "x" })],
  ],
  "the older value while a write is under way": [
    [X, Y],
    [
      read(105, { value: "x" }),
      read(106, { value: "y" }),
      last({ value: "y" }),
    ],
  ],
  "a write of an unknown outcome, there or not": [
    [X, write(100, { value: "y", outcome: "unknown" })],
    [read(120, { value: "x" }), last({ value: "y" })],
  ],
  "a write of an unknown outcome that the engine gets to late": [
    [write(0, { value: "x", outcome: "unknown" }), Y],
    [read(120, { value: "y" }), last({ value: "x" })],
  ],
  "a batch that is read before it is rolled back": [
    [X, write(100, { value: "y", outcome: "refused", batch: "1" })],
    [read(105, { value: "y" }), read(120, { value: "x" })],
  ],
  "a batch of an unknown outcome that is read, and recovered later": [
    [X, write(100, { value: "y", outcome: "unknown", batch: "1" })],
    [read(120, { value: "y" }), last({ value: "x" })],
  ],
  "a part of a batch that others have overwritten": [
    [
      write(0, { batch: "1" }),
      write(0, { _id: "b", value: "y", batch: "1" }),
      write(50, { _id: "b", value: "z" }),
    ],
    [last({ value: "x" }), last({ _id: "b", value: "z" })],
  ],
  "an update that a replacement may have taken away": [
    [X, write(100, { kind: "update", value: "u" }), write(105, { value: "y" })],
    [last({ value: "y" })],
  ],
  "nothing after one of two deletions": [
    [X, write(100, { value: undefined }), write(105, { value: undefined })],
    [last({})],
  ],
  "as many versions as acknowledged and unknown writes allow": [
    [X, write(100, { kind: "update", value: "u", outcome: "unknown" })],
    [last({ value: "x", version: 1 }), last({ value: "x", version: 2 })],
  ],
};

describe("the checker of histories", () => {
  for (const [title, [kind, writes, reads]] of Object.entries(PLANTED)) {
    it(`finds ${title}`, () => {
      should(kindsOf(writes, reads)).eql([kind]);
    });
  }

  it("tells whose write is lost, untrue or torn, and that a read is stale", () => {
    const action = "batchWrite";
    const lost = write(0, { action });
    const refused = write(0, { action: "mUpdate", outcome: "refused" });
    const batch = { action: "atomic", outcome: "unknown", batch: "1" } as const;
    const cases: ReadonlyArray<[string, WriteEvent[], ReadEvent[]]> = [
      [action, [lost], [last({})]],
      ["batchGet", [lost], [read(20, {})]],
      ["mUpdate", [refused], [last({ value: "x" })]],
      [
        "atomic",
        [write(0, batch), write(0, { ...batch, _id: "b", value: "y" })],
        [last({ value: "x" }), last({ _id: "b" })],
      ],
    ];
    for (const [blamed, writes, reads] of cases) {
      const violations = checkHistory({ writes, reads });
      should(violations.map((violation) => violation.action)).eql([blamed]);
    }
  });

  it("lets a write be repeated that was under way in a fail-over, and no other", () => {
    const update = write(100, { kind: "update", value: "u" });
    const reads = [last({ value: "x", updates: ["u"], version: 3 })];
    const kindsWith = (from: number): string[] =>
      checkHistory({
        ...{ writes: [X, update], reads },
        failovers: [{ from, to: from + 10 }],
      }).map(({ kind }) => kind);
    should(kindsWith(105)).eql([]);
    should(kindsWith(50)).eql(["miscounted"]);
  });

  it("allows reads to show a write before its failover and not during it, and no other", () => {
    const slow = write(100, { to: 200, value: "y" });
    const seen = read(110, { value: "y" });
    const kindsWith = (from: number, after: ReadEvent): string[] =>
      checkHistory({
        ...{ writes: [X, slow], reads: [seen, after] },
        failovers: [{ from, to: from + 10 }],
      }).map(({ kind }) => kind);
    should(kindsWith(115, read(150, { value: "x" }))).eql([]);
    should(kindsWith(50, read(150, { value: "x" }))).eql(["stale"]);
    should(kindsWith(115, read(250, { value: "x" }))).eql(["stale"]);
  });

  for (const [title, [writes, reads]] of Object.entries(SOUND)) {
    it(`lets pass ${title}`, () => {
      should(kindsOf(writes, reads)).eql([]);
    });
  }
});
