/** Single steps of the atomic protocol, which a whole batch does not cover well enough. */
import should from "should";

import { atomicWrite } from "../../../../../lib/core/atomic/atomicWrite";
import { brokenConditions } from "../../../../../lib/core/atomic/AtomicBatch";
import { waitForBulk } from "../../../../../lib/core/atomic/journalTransitions";
import { RollbackInterrupted } from "../../../../../lib/core/atomic/presentDocuments";
import { restoreDocuments } from "../../../../../lib/core/atomic/restoreDocuments";
import { rivalsIn } from "../../../../../lib/core/atomic/rivals";
import { isVersion } from "../../../../../lib/core/atomic/versions";
import { statusOf } from "../../../../../lib/core/atomic/writeStatus";
import { NOT_JSON } from "../../../../../lib/core/outcome";
import { EngineError } from "../../../../../lib/core/ports/DocumentStore";
import {
  CLOCK_SKEW_MS,
  type Journal,
  type JournalEntry,
} from "../../../../../lib/core/ports/JournalStore";
import type { Failure } from "../../../../../lib/types";
import { newRequestStats } from "../../../../../lib/core/RequestStats";
import { atomicTools } from "../../../../support/atomicTools";
import { documents, writeCommand } from "../../../../support/commands";
import { failureOf } from "../../../../support/failures";
import { FakeJournals } from "../../../../support/FakeJournals";
import { FakeStore } from "../../../../support/FakeStore";
import { testEngine } from "../../../../support/testEngine";

function setUp() {
  const store = new FakeStore();
  const journals = new FakeJournals();
  return { store, journals, tools: atomicTools(testEngine(store), journals) };
}

const BEFORE = {
  sourceText: '{"was":1}',
  version: 1,
  seqNo: 0,
  primaryTerm: 1,
};
const ENTRY: JournalEntry = {
  collection: "yellow",
  _id: "a",
  intendedHash: "intended",
  deletes: true,
  before: BEFORE,
  beforeHash: "before",
  versionBefore: 1,
};
const JOURNAL: Journal = {
  id: "journal",
  state: "rolling_back",
  index: "nyc",
  collections: [{ name: "yellow", uuid: "uuid" }],
  owner: "node",
  createdAt: 100_000,
  journaledAt: 100_001,
  decidedAt: null,
  dueAt: 200_000,
  entries: [ENTRY],
  modified: [],
  recheck: [],
};

describe("before an atomic batch writes", () => {
  it("a key that is lost stops it, before its journal [W5, W3]", async () => {
    const { store, journals, tools } = setUp();
    const command = writeCommand({
      documents: documents(["a"]),
      beforeFirstWrite: () => Promise.reject(new Error("lost")),
    });
    await should(atomicWrite(command, tools)).be.rejectedWith("lost");
    should(store.bulkCalls).eql([]);
    should(journals.stored.size).equal(0);
  });

  for (const [title, now] of [
    ["sequence number", { ...BEFORE, seqNo: 1 }],
    ["primary term", { ...BEFORE, primaryTerm: 2 }],
  ] as const) {
    it(`a condition is broken by another ${title} alone [W3]`, () => {
      const item = {
        ...{ collection: "yellow", _id: "a", contentAfter: () => null },
        precondition: { ifSeqNo: 0, ifPrimaryTerm: 1 },
      };
      const [holds] = brokenConditions([item], [BEFORE]);
      const [broken] = brokenConditions([item], [now]);
      should(holds).be.undefined();
      should(broken).containEql({ code: "version_conflict" });
      should(isVersion(now, BEFORE)).be.false();
      should(isVersion(BEFORE, BEFORE)).be.true();
    });
  }

  it("it fails for a document that is not JSON, whatever the operation [R7, W3]", () => {
    for (const needs of ["present", "absent", undefined] as const) {
      const item = {
        ...{ collection: "yellow", _id: "a", contentAfter: () => null },
        ...(needs && { needs }),
      };
      should(brokenConditions([item], [{ ...BEFORE, notJson: true }])).eql([
        NOT_JSON,
      ]);
    }
  });

  it("a deletion's version is written down also where a pipeline changes what is sent [M3, W6]", async () => {
    const { store, journals, tools } = setUp();
    store.put("yellow", "a", { was: 1 });
    store.script.describe = () => ({
      ...{ uuid: "uuid", mappings: {}, hasPipeline: true },
      ignoreMalformed: false,
    });
    const [written] = documents(["b"]);
    await atomicWrite(
      writeCommand({
        documents: [
          ...[{ position: 0, op: "delete" as const, collection: "yellow" }].map(
            (each) => ({ ...each, _id: "a", body: {} }),
          ),
          { ...written!, position: 1 },
        ],
      }),
      tools,
    );
    const [stored] = [...journals.stored.values()];
    should(
      stored?.journal.entries.map(({ versionBefore }) => versionBefore),
    ).eql([1, undefined]);
  });
});

describe("an atomic batch with an unknown outcome", () => {
  it("gives a specific reason only for a document that was surely not written [W3, W6]", async () => {
    const { store, journals, tools } = setUp();
    const failures: Record<string, Failure> = {
      b: failureOf("mapping"),
      // may be its own first write
      c: failureOf("version_conflict"),
    };
    store.script.bulkItem = ({ _id }) => failures[_id];
    journals.replace = async () => {
      throw new EngineError(failureOf("unavailable"), false);
    };
    const { outcome, result } = await atomicWrite(
      writeCommand({ documents: documents(["a", "b", "c"]) }),
      tools,
    );
    should(outcome).equal("unknown");
    should(result.errors.map(({ code }) => code)).eql([
      "unknown_outcome",
      "mapping",
      "unknown_outcome",
    ]);
  });
});

describe("what a response of the engine proves", () => {
  for (const [failure, attempts, status] of [
    [failureOf("version_conflict"), 1, "conflicted"],
    [failureOf("version_conflict"), 2, undefined],
    [failureOf("rejected"), 1, "conflicted"],
    [failureOf("rejected"), 2, undefined],
    [failureOf("unavailable"), 1, undefined],
    [failureOf("unknown_outcome"), 1, undefined],
    [failureOf("mapping"), 1, "not written"],
    [failureOf("mapping"), 2, "not written"],
  ] as const) {
    it(`${failure.code} at attempt ${attempts}: ${String(status)} [W6]`, () => {
      should(statusOf({ ok: false, failure, attempts })).equal(status);
    });
  }
});

describe("waiting for a bulk", () => {
  it("waits for that of a rollback as well [W3]", async () => {
    for (const underWay of ["journal", "journal/rollback"]) {
      const { store, tools } = setUp();
      let looks = 0;
      store.isBulkRunning = async (ids?: readonly string[]) =>
        ids?.includes(underWay) === true && looks++ < 2;
      await waitForBulk("journal", tools);
      should(looks).equal(3);
    }
  });
});

describe("restoring a document that another client has", () => {
  const decided = [
    { entry: ENTRY, decision: { kind: "recreate", sourceText: "{}" } as const },
  ];

  /** It was created and deleted again: version 4 is the last. */
  function recreated() {
    const set = setUp();
    for (let i = 0; i < 2; i++) {
      set.store.put("yellow", "a", { n: i });
      set.store.remove("yellow", "a");
    }
    return {
      ...set,
      restore: () =>
        restoreDocuments(JOURNAL, decided, set.tools, newRequestStats()),
    };
  }

  it("deleted since: it is deleted again [M3, W3]", async () => {
    const { store, restore } = recreated();
    should(await restore()).containEql({ deleted: [ENTRY], restored: [] });
    should(store.sourceOf("yellow", "a")).be.undefined();
  });

  it("deleted since, and writes at this moment: it is left [M3, W3]", async () => {
    const { store, restore } = recreated();
    store.script.bulkItem = ({ operation }) => {
      if (operation !== "delete") return undefined;
      store.put("yellow", "a", { theirs: 1 });
      return failureOf("version_conflict");
    };
    should(await restore()).containEql({ deleted: [ENTRY], restored: [] });
    should(store.sourceOf("yellow", "a")).eql({ theirs: 1 });
  });

  it("deleted since, while the engine is out of reach: it is interrupted [M3, W3]", async () => {
    const { store, restore } = recreated();
    store.script.bulkItem = ({ operation }) =>
      operation === "delete" ? failureOf("unavailable") : undefined;
    await should(restore()).be.rejectedWith(RollbackInterrupted);
  });

  for (const [title, failure, list] of [
    ["written since", failureOf("version_conflict"), "again"],
    ["deleted with its collection", failureOf("unavailable", 404), "again"],
    ["made impossible by a mapping", failureOf("mapping"), "rejected"],
    ["made too large for the engine", failureOf("too_large"), "rejected"],
    ["made invalid", failureOf("invalid"), "rejected"],
  ] as const) {
    it(`${title}: it is ${list === "again" ? "looked at again" : "named"} [W3, W6]`, async () => {
      const { store, tools } = setUp();
      store.script.bulkItem = () => failure;
      should(
        await restoreDocuments(JOURNAL, decided, tools, newRequestStats()),
      ).containEql({ [list]: [ENTRY], restored: [] });
    });
  }
});

describe("the rivals of a batch", () => {
  const hashes = new Set(["intended"]);
  const other: Journal = {
    ...JOURNAL,
    id: "other",
    state: "rolled_back",
    decidedAt: JOURNAL.createdAt - CLOCK_SKEW_MS,
  };
  const rivals = (changes: Partial<Journal>) =>
    rivalsIn({ ...other, ...changes }, JOURNAL, hashes);

  it("are those that may have written the same bytes to the same document [W6]", () => {
    should(rivals({})).matchEach({ kind: "writer", decision: "rolled back" });
    should(rivals({})).have.length(1);
  });

  it("are not itself, nor one that was over before it began [W6]", () => {
    should(rivals({ id: JOURNAL.id })).eql([]);
    const decidedAt = JOURNAL.createdAt - CLOCK_SKEW_MS - 1;
    should(rivals({ decidedAt })).eql([]);
    // its bulk may still be in flight
    should(rivals({ decidedAt, recheck: ["yellow/a"] })).have.length(1);
  });

  it("are not those of a collection that had the same name [W6]", () => {
    should(rivals({ collections: [{ name: "yellow", uuid: "old" }] })).eql([]);
  });
});
