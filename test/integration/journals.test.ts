import { randomUUID } from "node:crypto";

import should from "should";

import { ElasticsearchJournals } from "../../lib/elasticsearch/ElasticsearchJournals";
import { EngineError } from "../../lib/core/ports/DocumentStore";
import type {
  Journal,
  JournalEntry,
  JournalState,
  StoredJournal,
} from "../../lib/core/ports/JournalStore";
import { ask, openCaller } from "./support/engine";

const ALIAS = encodeURIComponent("@%plugin-batch.journals");

const PREFIX = "journals-test-";

/** Far in the future, so that the Kuzzle under test does not consider them due. */
const START = Date.now() + 10 * 365 * 86_400_000;

describe("journals on the engine", () => {
  const { caller, close } = openCaller();
  const journals = new ElasticsearchJournals(caller);
  let index: string;

  beforeEach(() => {
    index = `${PREFIX}${randomUUID()}`;
  });
  afterEach(() =>
    ask("POST", `/${ALIAS}/_delete_by_query?refresh&conflicts=proceed`, {
      query: { prefix: { index: PREFIX } },
    }),
  );
  after(() => close());

  function journal(
    state: JournalState,
    changes: Partial<Journal> = {},
  ): Journal {
    return {
      id: randomUUID(),
      state,
      index,
      collections: [{ name: "yellow", uuid: "uuid" }],
      owner: "node",
      createdAt: START,
      journaledAt: START,
      decidedAt: ["pending", "rolling_back"].includes(state) ? null : START,
      dueAt: START,
      entries: [entry("a", "ours")],
      modified: [],
      recheck: [],
      ...changes,
    };
  }

  function entry(
    _id: string,
    intendedHash: string,
    beforeHash: string | null = null,
  ): JournalEntry {
    const before = { sourceText: "{}", seqNo: 4, primaryTerm: 1 };
    return {
      collection: "yellow",
      _id,
      intendedHash,
      before: beforeHash === null ? null : before,
      beforeHash: beforeHash ?? "none",
    };
  }

  async function store(...list: Journal[]): Promise<void> {
    for (const each of list) {
      await journals.create(each);
    }
    await ask("POST", `/${ALIAS}/_refresh`);
  }

  async function isStored({ id }: Journal): Promise<boolean> {
    return (await journals.read(id)) !== undefined;
  }

  /** Page by page, as recovery does; other tests may have left some. */
  async function allOf(
    find: (except: readonly string[]) => Promise<StoredJournal[]>,
  ): Promise<string[]> {
    const found: Journal[] = [];
    for (;;) {
      const page = await find(found.map(({ id }) => id));
      if (page.length === 0) {
        return found.filter((each) => each.index === index).map(({ id }) => id);
      }
      found.push(...page.map((stored) => stored.journal));
    }
  }

  it("stores a journal unchanged, pre-images byte for byte [W3]", async () => {
    const sourceText = '{ "n":9007199254740993,"t":"\\u00e9\\"" }';
    const before = { sourceText, seqNo: 7, primaryTerm: 1 };
    const given = journal("pending", {
      entries: [{ ...entry("a", "ours"), before, beforeHash: "theirs" }],
    });
    const version = await journals.create(given);

    should(await journals.read(given.id)).eql({ journal: given, version });
    should(await journals.read(randomUUID())).equal(undefined);
  });

  it("changes and removes only journals that are still the same [W3]", async () => {
    const given = journal("pending");
    const first = await journals.create(given);
    const rollingBack: Journal = {
      ...given,
      state: "rolling_back",
      owner: "other",
    };
    const second = await journals.replace(rollingBack, first);

    should(second).not.equal(undefined);
    should(await journals.replace(given, first)).equal(undefined);
    await journals.remove(given.id, first);
    should((await journals.read(given.id))?.journal).eql(rollingBack);
    await journals.remove(given.id, second!);
    should(await isStored(given)).be.false();
    should(await journals.replace(given, second!)).equal(undefined);
  });

  it("rejects a second journal with the same id [W3]", async () => {
    const given = journal("pending");
    await journals.create(given);
    await should(journals.create(given)).be.rejectedWith(EngineError);
  });

  it("finds rivals by their bytes and their time [W3]", async () => {
    const ours = journal("rolling_back");
    const late = { decidedAt: START + 1, journaledAt: START + 1 };
    const found = [entry("a", "other", "ours")];
    await store(
      ours,
      journal("pending", { entries: [entry("a", "ours", "x")] }),
      journal("committed", late),
      // long ago
      journal("committed", { decidedAt: START - 60_000 }),
      journal("rolled_back", late),
      // other bytes, another index
      journal("pending", { entries: [entry("a", "other")] }),
      journal("pending", { index: `${index}-2` }),
      // with keepers, and another node that has restored them first
      journal("rolling_back", { entries: found, journaledAt: START + 1 }),
      journal("pending", { entries: found, journaledAt: START + 1 }),
      journal("rolled_back", { entries: found, journaledAt: START + 1 }),
      journal("rolled_back", { entries: found, journaledAt: START - 1 }),
      journal("committed", { entries: found, journaledAt: START - 1 }),
    );
    const rivals = await journals.findRivals(ours, ["ours"]);
    const shown = rivals.map((rival) =>
      rival.kind === "writer"
        ? `${rival.decision} ${rival.before?.seqNo}`
        : rival.kind,
    );

    should(shown.sort()).eql([
      "committed undefined",
      "keeper",
      "keeper",
      "pending 4",
      "restorer",
      "rolled back undefined",
    ]);
  });

  it("finds the ones that are due, whatever tombstones there are [W3]", async () => {
    const late = journal("pending", { dueAt: START + 1_000 });
    const due = [
      journal("pending"),
      journal("rolling_back", { dueAt: START - 1 }),
    ];
    const recheck = journal("rolled_back", { recheck: ["a"] });
    const tombstones = Array.from({ length: 12 }, () => journal("committed"));
    await store(late, ...due, recheck, ...tombstones);

    should(await allOf((except) => journals.findAbandoned(START, except))).eql([
      due[1]?.id,
      due[0]?.id,
    ]);
    should(await allOf((except) => journals.findRechecks(START, except))).eql([
      recheck.id,
    ]);
    should((await journals.pending()).count).be.aboveOrEqual(3);
  });

  it("removes finished journals, except for witnesses of undecided ones [W3]", async () => {
    const unsettled = journal("pending", {
      createdAt: START + 10_000,
      dueAt: START + 1e9,
    });
    const early = journal("committed");
    const witness = journal("committed", { decidedAt: START + 20_000 });
    const young = journal("committed", { dueAt: START + 1e9 });
    const recheck = journal("rolled_back", {
      recheck: ["a"],
      createdAt: START + 10_000,
    });
    const elsewhere = journal("committed", {
      index: `${index}-2`,
      decidedAt: START + 20_000,
    });
    await store(unsettled, early, witness, young, recheck, elsewhere);
    await journals.removeFinished(START + 1);

    should(await isStored(early)).be.false();
    should(await isStored(elsewhere)).be.false();
    should(await isStored(unsettled)).be.true();
    should(await isStored(witness)).be.true();
    should(await isStored(young)).be.true();
    should(await isStored(recheck)).be.true();
    for (const { id } of [unsettled, recheck]) {
      await journals.remove(id, (await journals.read(id))!.version);
    }
    await ask("POST", `/${ALIAS}/_refresh`);
    await journals.removeFinished(START + 1);
    should(await isStored(witness)).be.false();
  });
});
