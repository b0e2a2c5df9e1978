import fc, { type Scheduler } from "fast-check";
import { findLast } from "lodash";
import should from "should";

import {
  atomicWrite,
  type AtomicResult,
} from "../../../../../lib/core/atomic/atomicWrite";
import {
  sweep,
  type RecoveryReports,
} from "../../../../../lib/core/atomic/recovery";
import {
  isFinal,
  type Journal,
} from "../../../../../lib/core/ports/JournalStore";
import {
  AtomicWorld,
  authorsOf,
  type Author,
  type DocumentEvent,
  isRepair,
  type EngineQuirks,
} from "../../../../support/AtomicWorld";
import { WorldNode, type Fault } from "../../../../support/WorldNode";
import { writeCommand } from "../../../../support/commands";

const TIMES = { leaseMs: 1_000, tombstoneMs: 50_000, taskWaitMs: 300 };
const IDS = ["a", "b", "c"] as const;
/** The collection of each document. */
const COLLECTIONS = { a: "yellow", b: "green", c: "blue" };
const keyOf = (_id: string): string =>
  `${COLLECTIONS[_id as keyof typeof COLLECTIONS]}/${_id}`;

/** Few contents, so that batches often write the same bytes. */
const CONTENTS = [1, 2];
const REFUSED = 3;
/** The document is deleted instead. */
const DELETED = 0;
const textOf = (content: number): string => JSON.stringify({ n: content });

interface Batch {
  readonly documents: ReadonlyArray<{
    _id: keyof typeof COLLECTIONS;
    content: number;
  }>;
  /** a second one on a node starts where the first one ended */
  readonly node: 0 | 1;
}

type Foreign =
  | { readonly kind: "write"; readonly _id: string }
  | { readonly kind: "delete"; readonly _id: string }
  | { readonly kind: "time"; readonly ms: number };

interface Plan {
  /** batches often write the same bytes, as when one is sent again */
  readonly sameBytes: boolean;
  readonly before: readonly string[];
  readonly batches: readonly Batch[];
  readonly foreign: readonly Foreign[];
  /** of the two nodes that write, and of the two that recover */
  readonly faults: ReadonlyArray<ReadonlyMap<number, Fault>>;
  readonly sweeps: number;
  readonly engine: EngineQuirks;
  /** what follows when the first is over and tombstones are due */
  readonly later: { batches: readonly Batch[]; foreign: readonly Foreign[] };
}

const batch: fc.Arbitrary<Batch> = fc.record({
  documents: fc.uniqueArray(
    fc.record({
      _id: fc.constantFrom(...IDS),
      content: fc.oneof(
        { arbitrary: fc.constantFrom(...CONTENTS), weight: 9 },
        { arbitrary: fc.constant(DELETED), weight: 3 },
        { arbitrary: fc.constant(REFUSED), weight: 1 },
      ),
    }),
    { selector: ({ _id }) => _id, minLength: 1 },
  ),
  node: fc.constantFrom(0, 1),
});

const foreign: fc.Arbitrary<Foreign> = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    _id: fc.constantFrom(...IDS),
  }),
  fc.record({
    kind: fc.constant("delete" as const),
    _id: fc.constantFrom(...IDS),
  }),
  fc.record({
    kind: fc.constant("time" as const),
    ms: fc.constantFrom(400, 1_100),
  }),
);

const faults = fc
  .array(
    fc.tuple(
      fc.nat(14),
      fc.constantFrom<Fault>(
        "die before",
        "die after",
        "lost answer",
        "unavailable",
      ),
    ),
    { maxLength: 3 },
  )
  .map((list) => new Map(list));

const plan: fc.Arbitrary<Plan> = fc.record({
  sameBytes: fc.boolean(),
  before: fc.subarray([...IDS]),
  batches: fc.array(batch, { minLength: 1, maxLength: 3 }),
  foreign: fc.array(foreign, { maxLength: 5 }),
  faults: fc.tuple(faults, faults, faults, faults),
  sweeps: fc.nat(2),
  engine: fc.record({
    resentBulks: fc
      .array(fc.nat(8), { maxLength: 3 })
      .map((list) => new Set(list)),
    gcDeletesMs: fc.constantFrom(0, 1_500, Infinity),
  }),
  later: fc.record({
    batches: fc.array(batch, { maxLength: 2 }),
    foreign: fc.array(foreign, { maxLength: 2 }),
  }),
});

/** A batch that has started, and its response if there was one. */
interface Begun {
  readonly batch: Batch;
  readonly firstEvent: number;
  result?: AtomicResult;
}

class Run {
  readonly world: AtomicWorld;
  readonly begun: Begun[] = [];
  readonly unexpected: Error[] = [];
  private readonly nodes: WorldNode[];
  private nextContent = 100;

  constructor(
    scheduler: Scheduler,
    readonly plan: Plan,
  ) {
    this.world = new AtomicWorld(scheduler, textOf(REFUSED), plan.engine);
    this.nodes = plan.faults.map(
      (own, i) => new WorldNode(`node${i}`, this.world, own, TIMES),
    );
    for (const _id of plan.before) {
      this.world.foreignWrite(_id, textOf(this.nextContent++));
    }
  }

  async toTheEnd(): Promise<void> {
    const { plan, world } = this;
    await this.together([
      ...this.writers(plan.batches),
      this.others(plan.foreign),
      this.sweeper(2, plan.sweeps),
      this.sweeper(3, plan.sweeps),
    ]);
    // after the engine's timeout, nothing is in flight any more
    world.now += TIMES.tombstoneMs;
    await this.together([
      ...this.writers(plan.later.batches),
      this.others(plan.later.foreign),
      this.sweeper(2, 1),
      this.sweeper(3, 1),
    ]);
    const last = new WorldNode("last", world, new Map(), TIMES);
    for (let i = 0; i < 8; i++) {
      world.now += TIMES.tombstoneMs;
      await this.together([
        sweep(last.tools, this.reports).then(() => undefined),
      ]);
    }
  }

  /** Until everything possible is done: dead nodes stop where they are. */
  private async together(work: Promise<void>[]): Promise<void> {
    void work;
    await this.world.scheduler.waitIdle();
  }

  private writers(batches: readonly Batch[]): Promise<void>[] {
    return [0, 1].map(async (node) => {
      for (const batch of batches.filter((each) => each.node === node)) {
        await this.write(batch, this.nodes[node] as WorldNode);
      }
    });
  }

  private async write(batch: Batch, { tools }: WorldNode): Promise<void> {
    const begun: Begun = { batch, firstEvent: this.world.events.length };
    this.begun.push(begun);
    const documents = batch.documents.map(({ _id, content }, position) => ({
      op: content === DELETED ? ("delete" as const) : ("write" as const),
      collection: COLLECTIONS[_id],
      position,
      _id,
      body: content === DELETED ? {} : { n: this.contentOf(content) },
    }));
    try {
      begun.result = await atomicWrite(writeCommand({ documents }), tools);
    } catch (error) {
      if ((error as Error).name !== "EngineError") {
        this.unexpected.push(error as Error);
      }
    }
  }

  private contentOf(content: number): number {
    return this.plan.sameBytes || content === REFUSED
      ? content
      : this.nextContent++;
  }

  private async others(deeds: readonly Foreign[]): Promise<void> {
    const { world } = this;
    for (const deed of deeds) {
      await world.yield(`foreign ${deed.kind}`);
      switch (deed.kind) {
        case "write":
          world.foreignWrite(deed._id, textOf(this.nextContent++));
          break;
        case "delete":
          world.foreignDelete(deed._id);
          break;
        case "time":
          world.now += deed.ms;
          break;
      }
    }
  }

  private async sweeper(node: number, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      await this.world.yield(`sweep ${node}`);
      await sweep((this.nodes[node] as WorldNode).tools, this.reports);
    }
  }

  private readonly reports: RecoveryReports = {
    recovered: () => undefined,
    pending: () => undefined,
    failed: (error) => {
      if (!/Engine|Interrupted|Unknown/.test(error.constructor.name)) {
        this.unexpected.push(error);
      }
    },
  };
}

function assertSound({ world, begun, unexpected, plan }: Run): void {
  should(unexpected).eql([]);
  should([...world.journals.stored.keys()]).eql([]);

  const last = [...world.journals.history.values()].map(
    (states) => states.at(-1) as Journal,
  );
  for (const journal of last) {
    // a discarded one has sent nothing
    should(isFinal(journal) || !hasWritten(journal, world)).be.true();
  }
  const committed = new Set(
    last.filter(({ state }) => state === "committed").map(({ id }) => id),
  );
  for (const event of world.events) {
    assertReplacesWhatItFound(event, world);
    assertRestoresOnlyOwn(event, committed, world);
  }
  for (const journal of last) {
    assertWhole(journal, world, committed);
    if (!plan.sameBytes) {
      // otherwise it can't always be determined, and is named to be safe
      assertNamesOnlyModified(journal, world);
    }
  }
  for (const { result } of begun) {
    if (result !== undefined) {
      assertAnswer(result, world);
    }
  }
}

function hasWritten({ id }: Journal, { events }: AtomicWorld): boolean {
  return events.some(
    ({ author }) => author.kind === "write" && author.journalId === id,
  );
}

/** A write of the batch is conditional on no concurrent modification. */
function assertReplacesWhatItFound(
  { _id, author, over }: DocumentEvent,
  { journals }: AtomicWorld,
): void {
  if (author.kind !== "write") {
    return;
  }
  const [journal] = journals.history.get(author.journalId) ?? [];
  const found = journal?.entries.find((entry) => entry._id === _id)?.before;
  const replaced = over?.text === null ? undefined : over?.index;

  should(replaced).equal(found?.seqNo, `${_id}: somebody's write was replaced`);
}

/** A rollback may only restore what an uncommitted batch has written. */
function assertRestoresOnlyOwn(
  event: DocumentEvent,
  committed: ReadonlySet<string>,
  world: AtomicWorld,
): void {
  if (event.author.kind !== "rollback") {
    return;
  }
  if (isRepair(event)) {
    should(othersSinceFound(event)).not.eql(
      [],
      `${event._id}: deleted again, and nobody else has touched it`,
    );
    return;
  }
  if (undoesOwn(event, committed) || isDeletionUntold(event)) {
    return;
  }
  should(event.over?.text).equal(
    null,
    `${event._id}: somebody else's write was rolled back`,
  );
  assertTakenBack(event, event.author, world);
}

function undoesOwn(
  { over }: DocumentEvent,
  committed: ReadonlySet<string>,
): boolean {
  const [author] = authorsOf(over);
  return author?.kind === "write" && !committed.has(author.journalId);
}

/**
 * A deletion by another writer can't be detected if it was the only write since the batch
 * found the document, nor if the engine has forgotten the deletion. The other writer may
 * also be a batch that has rolled back what this one found.
 */
function isDeletionUntold(event: DocumentEvent): boolean {
  const since = sinceFound(event);
  const isForgotten = [...since, event].some(
    ({ version, over }) => version !== (over?.version ?? 0) + 1,
  );
  const [only] = since;
  const isOnlyWrite =
    since.length === 1 &&
    only !== undefined &&
    (only.author.kind === "foreign" || isRepair(only));
  return event.over?.text === null && (isForgotten || isOnlyWrite);
}

/** What happened to a document between the batch's finding it and the rollback. */
function sinceFound({ author, over }: DocumentEvent): DocumentEvent[] {
  const found = (author.kind === "rollback" ? author.found : undefined) ?? -1;
  const since: DocumentEvent[] = [];
  for (let each = over; each && each.index > found; each = each.over) {
    since.push(each);
  }
  return since;
}

function othersSinceFound(event: DocumentEvent): DocumentEvent[] {
  return sinceFound(event).filter(
    ({ author }) =>
      author.kind === "foreign" ||
      author.journalId !== (event.author as { journalId: string }).journalId,
  );
}

/**
 * A document that was restored although another writer deleted it: only temporarily, or
 * named.
 */
function assertTakenBack(
  event: DocumentEvent,
  { journalId, call }: Extract<Author, { kind: "rollback" }>,
  { events, journals }: AtomicWorld,
): void {
  const next = events.find(({ over }) => over === event);
  const last = journals.history.get(journalId)?.at(-1);
  const isNamed = last?.modified.includes(keyOf(event._id)) === true;
  // a caller that is dead or has lost the response can't delete it again, nor can one whose
  // creation conflicted with itself
  should(
    (next !== undefined && isRepair(next)) || isNamed || !call.isHeard,
  ).equal(true, `${event._id}: somebody else's deletion was rolled back`);
  should(next !== undefined || !call.isHealthy).equal(
    true,
    `${event._id}: somebody else's deletion stays rolled back`,
  );
}

function assertWhole(
  journal: Journal,
  world: AtomicWorld,
  committed: ReadonlySet<string>,
): void {
  const { id, entries, modified } = journal;
  const isAuthor = (author: Author): boolean =>
    author.kind === "write" && author.journalId === id;
  const keeps = (author: Author): boolean =>
    author.kind === "foreign" ||
    (author.kind === "write" && committed.has(author.journalId));

  for (const { _id } of entries) {
    const written = world.events.find(
      (event) => event._id === _id && isAuthor(event.author),
    );
    if (journal.state === "committed") {
      should(written).not.equal(
        undefined,
        `${_id}: committed, and not written`,
      );
      continue;
    }
    if (modified.includes(keyOf(_id))) {
      // a batch that found and wrote it may have restored it
      continue;
    }
    const isBackUntold = world.events.some(
      (event) =>
        event._id === _id &&
        event.author.kind === "rollback" &&
        event.author.journalId !== id &&
        isDeletionUntold(event) &&
        !undoesOwn(event, committed),
    );
    if (isBackUntold) {
      // it may be ours, which others have rolled back and deleted
      continue;
    }
    const authors = authorsOf(world.lastEvent(_id));
    should(authors.slice(-1).some(isAuthor) && !authors.some(keeps)).equal(
      false,
      `${_id}: rolled back, and still there`,
    );
  }
}

function assertNamesOnlyModified(journal: Journal, world: AtomicWorld): void {
  for (const key of journal.modified) {
    const _id = key.split("/")[1] as string;
    if (journal.entries.some((entry) => entry._id === _id && entry.deletes)) {
      // who deleted a missing document can't always be determined
      continue;
    }
    const found = lastFound(journal, _id, world);
    const isTouched = world.events.some(
      (event) =>
        event._id === _id &&
        event.index > found &&
        !("journalId" in event.author && event.author.journalId === journal.id),
    );
    should(isTouched).equal(
      true,
      `${_id}: named, and nobody else has touched it`,
    );
  }
}

/** The event that the batch found as the document's last one. */
function lastFound(
  { id, entries }: Journal,
  _id: string,
  { events, journals }: AtomicWorld,
): number {
  const before = entries.find((entry) => entry._id === _id)?.before;
  const begun = journals.createdAfter.get(id) ?? 0;
  return (
    before?.seqNo ??
    findLast(
      events,
      (event) =>
        event._id === _id && event.text === null && event.index < begun,
    )?.index ??
    -1
  );
}

function assertAnswer(result: AtomicResult, { journals }: AtomicWorld): void {
  const { successes, errors, stats } = result.result;
  should(successes.length + errors.length).equal(stats.requested);

  if (result.outcome === "refused" || result.journalId === undefined) {
    return;
  }
  const states = journals.history.get(result.journalId) ?? [];
  const isCommitted = states.some(({ state }) => state === "committed");

  if (result.outcome === "committed") {
    should(isCommitted).be.true();
    should(states.at(-1)?.state).equal("committed");
  } else if (result.outcome !== "unknown") {
    should(isCommitted).be.false();
  }
}

describe("the atomic protocol", function () {
  const numRuns = Number(process.env.ATOMIC_RUNS ?? 1_000);
  // reported by a failed run, to repeat it
  const { ATOMIC_SEED: seed, ATOMIC_PATH: path = "" } = process.env;
  this.timeout(30_000 + 20 * numRuns);

  it("ends every interleaving of batches, crashes, fail-overs, concurrent writes and recoveries in a named state [W3, W6]", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), plan, async (scheduler, planned) => {
        const run = new Run(scheduler, planned);
        await run.toTheEnd();
        assertSound(run);
      }),
      { numRuns, ...(seed !== undefined && { seed: Number(seed), path }) },
    );
  });
});
