import {
  isAfter,
  isFinal,
  type Journal,
  type JournalStore,
  type JournalVersion,
  type PendingJournals,
  type Rival,
  type StoredJournal,
} from "../../lib/core/ports/JournalStore";
import { EngineError } from "../../lib/core/ports/DocumentStore";
import { failureOf } from "./failures";

/** Journals in memory, with the engine's compare-and-set. */
export class FakeJournals implements JournalStore {
  readonly stored = new Map<string, StoredJournal>();
  private seqNo = 0;

  async create(journal: Journal): Promise<JournalVersion> {
    if (this.stored.has(journal.id)) {
      throw new EngineError(failureOf("version_conflict"), false);
    }
    return this.put(journal);
  }

  async replace(
    journal: Journal,
    version: JournalVersion,
  ): Promise<JournalVersion | undefined> {
    return this.isCurrent(journal.id, version) ? this.put(journal) : undefined;
  }

  async read(id: string): Promise<StoredJournal | undefined> {
    return this.stored.get(id);
  }

  async findRivals(
    journal: Journal,
    hashes: readonly string[],
  ): Promise<Rival[]> {
    const { id, index, collection } = journal;
    return this.all
      .filter(
        (other) =>
          other.id !== id &&
          other.index === index &&
          other.collection === collection,
      )
      .flatMap((other) => rivalsIn(other, journal))
      .filter(({ hash }) => hashes.includes(hash));
  }

  async findAbandoned(now: number, except: readonly string[]) {
    return this.due(now, except).filter(({ journal }) => !isFinal(journal));
  }

  async findRechecks(now: number, except: readonly string[]) {
    return this.due(now, except).filter(
      ({ journal }) => isFinal(journal) && journal.recheck.length > 0,
    );
  }

  async removeFinished(now: number): Promise<void> {
    const unsettled = this.all.filter(
      (journal) => !isFinal(journal) || journal.recheck.length > 0,
    );
    for (const journal of this.all) {
      const isWitness = unsettled.some(
        ({ index, collection, createdAt }) =>
          index === journal.index &&
          collection === journal.collection &&
          createdAt <= Number(journal.decidedAt),
      );
      if (
        isFinal(journal) &&
        journal.recheck.length === 0 &&
        journal.dueAt <= now &&
        !isWitness
      ) {
        this.stored.delete(journal.id);
      }
    }
  }

  async pending(): Promise<PendingJournals> {
    const open = [...this.stored.values()].filter(({ journal: { state } }) =>
      ["pending", "undoing"].includes(state),
    );
    return {
      count: open.length,
      nextDueAt:
        this.stored.size === 0
          ? undefined
          : Math.min(...this.all.map(({ dueAt }) => dueAt)),
      oldestCreatedAt:
        open.length === 0
          ? undefined
          : Math.min(...open.map(({ journal }) => journal.createdAt)),
    };
  }

  async remove(id: string, version: JournalVersion): Promise<void> {
    if (this.isCurrent(id, version)) {
      this.stored.delete(id);
    }
  }

  private get all(): Journal[] {
    return [...this.stored.values()].map(({ journal }) => journal);
  }

  private due(now: number, except: readonly string[]): StoredJournal[] {
    return [...this.stored.values()].filter(
      ({ journal }) => journal.dueAt <= now && !except.includes(journal.id),
    );
  }

  private isCurrent(id: string, version: JournalVersion): boolean {
    return this.stored.get(id)?.version.seqNo === version.seqNo;
  }

  protected put(journal: Journal): JournalVersion {
    const version = { seqNo: this.seqNo++, primaryTerm: 1 };
    this.stored.set(journal.id, { journal, version });
    return version;
  }
}

/** What one batch is to another, whose documents hold bytes that are in doubt. */
function rivalsIn(other: Journal, journal: Journal): Rival[] {
  const { state, decidedAt, entries } = other;
  const isSince = decidedAt !== null && decidedAt >= journal.createdAt;
  const isCommitted = state === "committed";

  return entries.flatMap(({ intendedHash, before, beforeHash }): Rival[] => {
    const found: Rival[] = [];
    if (state === "pending" || (isCommitted && isSince)) {
      const hash = intendedHash;
      found.push({ kind: "writer", hash, before, isKept: isCommitted });
    }
    if (beforeHash === null) {
      return found;
    }
    const hash = beforeHash;
    if (isAfter(other, journal)) {
      return isFinal(other) ? found : [...found, { kind: "keeper", hash }];
    }
    return state === "undoing" || (isFinal(other) && !isCommitted && isSince)
      ? [...found, { kind: "writer", hash, before: null, isKept: true }]
      : found;
  });
}
