import type {
  Journal,
  JournalStore,
  JournalVersion,
  PendingJournals,
  StoredJournal,
} from "../../lib/storage/JournalStore";

/** Journals in memory, with the engine's compare-and-set. */
export class FakeJournals implements JournalStore {
  readonly stored = new Map<string, StoredJournal>();
  private seqNo = 0;

  async create(journal: Journal): Promise<JournalVersion> {
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

  async idsOfLater(journal: Journal): Promise<ReadonlySet<string>> {
    const later = [...this.stored.values()].filter(
      ({ journal: other }) =>
        other.id !== journal.id &&
        other.index === journal.index &&
        other.collection === journal.collection &&
        other.createdAt >= journal.createdAt &&
        ["pending", "undoing", "committed"].includes(other.state),
    );
    return new Set(
      later.flatMap(({ journal: { entries } }) =>
        entries.map(({ _id }) => _id),
      ),
    );
  }

  async findDue(now: number): Promise<StoredJournal[]> {
    return [...this.stored.values()].filter(
      ({ journal }) => journal.dueAt <= now,
    );
  }

  async pending(): Promise<PendingJournals> {
    const open = [...this.stored.values()].filter(({ journal: { state } }) =>
      ["pending", "undoing"].includes(state),
    );
    return {
      count: open.length,
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

  private isCurrent(id: string, version: JournalVersion): boolean {
    return this.stored.get(id)?.version.seqNo === version.seqNo;
  }

  private put(journal: Journal): JournalVersion {
    const version = { seqNo: this.seqNo++, primaryTerm: 1 };
    this.stored.set(journal.id, { journal, version });
    return version;
  }
}
