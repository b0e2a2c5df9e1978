import { rivalsIn } from "../../lib/core/atomic/rivals";
import {
  isFinal,
  isFinished,
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
    const { index, createdAt } = journal;
    return this.all
      .filter(
        (other) =>
          other.index === index &&
          // the clocks are synchronous here, which allows the strictest condition
          (!isFinished(other) || Number(other.decidedAt) >= createdAt),
      )
      .flatMap((other) => rivalsIn(other, journal, new Set(hashes)));
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
    const unfinished = this.all.filter((journal) => !isFinished(journal));
    for (const journal of this.all) {
      const isWitness = unfinished.some(
        ({ index, createdAt }) =>
          index === journal.index && createdAt <= Number(journal.decidedAt),
      );
      if (isFinished(journal) && journal.dueAt <= now && !isWitness) {
        this.stored.delete(journal.id);
      }
    }
  }

  async pending(): Promise<PendingJournals> {
    const open = [...this.stored.values()].filter(({ journal: { state } }) =>
      ["pending", "rolling_back"].includes(state),
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
