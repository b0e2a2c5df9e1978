import type { Scheduler } from "fast-check";
import { findLast } from "lodash";

import type {
  BulkDone,
  BulkItem,
  RawDocument,
} from "../../lib/core/ports/DocumentStore";
import type { Journal } from "../../lib/core/ports/JournalStore";
import type { Outcome } from "../../lib/core/outcome";
import { FakeJournals } from "./FakeJournals";
import { failureOf } from "./failures";

/**
 * An engine, its documents and the nodes that work on it, as small as possible to cover
 * every interleaving: the scheduler orders each call when it arrives and when it is
 * answered, and a bulk for each of its items.
 */
export class AtomicWorld {
  /** every change of every document, in order */
  readonly events: DocumentEvent[] = [];
  readonly journals = new RememberedJournals(this.events);
  /** milliseconds since the epoch, for all nodes */
  now = 1_000_000;

  private readonly rows = new Map<string, Row>();
  private readonly tombstones = new Map<string, Tombstone>();
  private readonly runningBulks: string[] = [];
  private bulks = 0;

  constructor(
    readonly scheduler: Scheduler,
    /** what the mapping rejects */
    private readonly refusedText: string,
    private readonly engine: EngineQuirks,
  ) {}

  foreignWrite(_id: string, text: string): void {
    this.change(_id, text, { kind: "foreign" });
  }

  /** A missing document can be deleted as well, which increments its version. */
  foreignDelete(_id: string): void {
    this.change(_id, null, { kind: "foreign" });
  }

  lastEvent(_id: string): DocumentEvent | undefined {
    return findLast(this.events, (event) => event._id === _id);
  }

  yield(label: string): Promise<void> {
    this.now++;
    return this.scheduler.schedule(Promise.resolve(), label);
  }

  read(_id: string): RawDocument | null {
    const row = this.rows.get(_id);
    return row === undefined
      ? null
      : {
          sourceText: row.text,
          version: row.event.version,
          seqNo: row.event.index,
          primaryTerm: 1,
        };
  }

  isRunning(opaqueId: string): boolean {
    return this.runningBulks.includes(opaqueId);
  }

  /** The engine's own work, which goes on when the caller is dead. */
  async runBulk(
    items: readonly BulkItem[],
    opaqueId: string,
    call: BulkCall,
  ): Promise<Outcome<BulkDone>[]> {
    const [journalId = "", rollback] = opaqueId.split("/");
    await this.yield(`${opaqueId} arrives`);
    this.runningBulks.push(opaqueId);
    const isResent = this.engine.resentBulks.has(this.bulks++);
    const passes = isResent ? 2 : 1;
    call.isHealthy &&= !isResent;
    let outcomes: Outcome<BulkDone>[] = [];
    for (let pass = 0; pass < passes; pass++) {
      outcomes = [];
      for (const item of items) {
        await this.yield(`${opaqueId} ${item.operation} ${item._id}`);
        const author: Author =
          rollback === undefined
            ? { kind: "write", journalId }
            : {
                kind: "rollback",
                journalId,
                found: this.foundBy(journalId, item),
                call,
              };
        outcomes.push(this.apply(item, author));
      }
    }
    this.runningBulks.splice(this.runningBulks.indexOf(opaqueId), 1);
    return outcomes;
  }

  private foundBy(journalId: string, { _id }: BulkItem): number | undefined {
    const [journal] = this.journals.history.get(journalId) ?? [];
    return journal?.entries.find((entry) => entry._id === _id)?.before?.seqNo;
  }

  private apply(item: BulkItem, author: Author): Outcome<BulkDone> {
    const row = this.rows.get(item._id);
    const isBroken =
      item.operation === "create"
        ? row !== undefined
        : item.precondition !== undefined &&
          row?.event.index !== item.precondition.ifSeqNo;
    if (item.payload === this.refusedText) {
      return { ok: false, failure: failureOf("mapping") };
    }
    if (isBroken) {
      return { ok: false, failure: failureOf("version_conflict") };
    }
    const event = this.change(
      item._id,
      item.operation === "delete" ? null : item.payload,
      author,
    );
    return {
      ok: true,
      value: {
        _version: event.version,
        _seq_no: event.index,
        _primary_term: 1,
        _shards: { total: 1, successful: 1, failed: 0 },
        result: row === undefined ? "created" : "updated",
        status: 200,
      },
    };
  }

  private change(
    _id: string,
    text: string | null,
    author: Author,
  ): DocumentEvent {
    const over = this.lastEvent(_id);
    const version = (this.remembered(_id) ?? 0) + 1;
    const event: DocumentEvent = {
      index: this.events.length,
      _id,
      text,
      version,
      author,
      over,
    };
    this.events.push(event);
    this.rows.delete(_id);
    this.tombstones.delete(_id);
    if (text === null) {
      this.tombstones.set(_id, { version, deletedAt: this.now });
    } else {
      this.rows.set(_id, { text, event });
    }
    return event;
  }

  /**
   * The version of an existing or deleted document: a deletion is forgotten after a while.
   */
  private remembered(_id: string): number | undefined {
    const tombstone = this.tombstones.get(_id);
    return tombstone !== undefined &&
      this.now < tombstone.deletedAt + this.engine.gcDeletesMs
      ? tombstone.version
      : this.rows.get(_id)?.event.version;
  }
}

/** What an engine does by itself. */
export interface EngineQuirks {
  /**
   * Ordinals of bulks whose primary dies when everything is written: the engine sends them
   * again to the promoted copy, and returns that result.
   */
  readonly resentBulks: ReadonlySet<number>;
  /** after a deletion this long ago, a recreated document counts from 1 again */
  readonly gcDeletesMs: number;
}

interface Row {
  readonly text: string;
  readonly event: DocumentEvent;
}

interface Tombstone {
  readonly version: number;
  readonly deletedAt: number;
}

export type Author =
  | { readonly kind: "foreign" }
  | { readonly kind: "write"; readonly journalId: string }
  | {
      readonly kind: "rollback";
      readonly journalId: string;
      /** the event that the batch found */
      readonly found: number | undefined;
      readonly call: BulkCall;
    };

export interface BulkCall {
  /** whether its caller received the response */
  isHeard: boolean;
  /** whether nothing goes wrong, neither for its caller nor in the engine */
  isHealthy: boolean;
}

export interface DocumentEvent {
  /** also the document's sequence number */
  readonly index: number;
  readonly _id: string;
  /** null: deleted */
  readonly text: string | null;
  /** one more than the document's last, or 1 if that is forgotten */
  readonly version: number;
  readonly author: Author;
  readonly over: DocumentEvent | undefined;
}

/**
 * The authors of a document's content, latest first: several if they wrote the same bytes.
 * A rollback restores the work of others.
 */
export function authorsOf(event: DocumentEvent | undefined): Author[] {
  if (event === undefined) {
    return [];
  }
  if (isRepair(event)) {
    return authorsOf(event.over?.over);
  }
  if (event.author.kind !== "rollback") {
    const isSame = event.over?.text === event.text;
    return [event.author, ...(isSame ? authorsOf(event.over) : [])];
  }
  return authorsOf(broughtBack(event, event.author));
}

/** A rollback reverts what it should not have restored. */
export function isRepair({ text, author, over }: DocumentEvent): boolean {
  return (
    text === null &&
    author.kind === "rollback" &&
    over?.author.kind === "rollback" &&
    over.author.journalId === author.journalId
  );
}

/**
 * What the batch found, whether or not it then wrote itself; if it found nothing, the
 * author of that state.
 */
function broughtBack(
  rollback: DocumentEvent,
  { journalId, found }: Extract<Author, { kind: "rollback" }>,
): DocumentEvent | undefined {
  const earlier: DocumentEvent[] = [];
  for (let event = rollback.over; event !== undefined; event = event.over) {
    earlier.push(event);
  }
  const own = findLast(
    earlier,
    ({ author }) => author.kind === "write" && author.journalId === journalId,
  );
  return own === undefined
    ? earlier.find(({ index, text }) =>
        found === undefined ? text === rollback.text : index === found,
      )
    : own.over;
}

/** Keeps everything that was ever stored, including removed journals. */
class RememberedJournals extends FakeJournals {
  readonly history = new Map<string, Journal[]>();
  /** how many events there were by then */
  readonly createdAfter = new Map<string, number>();

  constructor(private readonly events: readonly DocumentEvent[]) {
    super();
  }

  protected override put(journal: Journal) {
    const before = this.history.get(journal.id) ?? [];
    this.history.set(journal.id, [...before, journal]);
    if (before.length === 0) {
      this.createdAfter.set(journal.id, this.events.length);
    }
    return super.put(journal);
  }
}
