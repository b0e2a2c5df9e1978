/**
 * What the engine is to remember of an atomic batch, so that any node can
 * settle it when the one that began it is dead.
 */

/** A document as it was before the batch, byte for byte. */
export interface PreImage {
  readonly sourceText: string;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface JournalEntry {
  readonly _id: string;
  /** SHA-256 of the source that the batch was to write */
  readonly intendedHash: string;
  /** null: there was no such document */
  readonly before: PreImage | null;
}

/**
 * `pending`: the bulk may be under way; `undoing`: the decision against it has
 * fallen; the others are final.
 */
export type JournalState =
  "pending" | "undoing" | "committed" | "rolled_back" | "rollback_incomplete";

export interface Journal {
  readonly id: string;
  readonly state: JournalState;
  readonly index: string;
  readonly collection: string;
  /** the node that works on it, until `dueAt` */
  readonly owner: string;
  readonly createdAt: number;
  /**
   * milliseconds since the epoch: from then on any node may take it over, to
   * settle it or, when it is final, to look once more and remove it
   */
  readonly dueAt: number;
  readonly entries: readonly JournalEntry[];
  /** ids that somebody else had changed before they could be put back */
  readonly foreign: readonly string[];
}

/** Which version of a journal somebody has seen. */
export interface JournalVersion {
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface StoredJournal {
  readonly journal: Journal;
  readonly version: JournalVersion;
}

/** What is known of all journals that are not final, at some moment. */
export interface PendingJournals {
  readonly count: number;
  /** undefined when there is none */
  readonly oldestCreatedAt: number | undefined;
}

/** Where journals are kept. Each call throws an EngineError when it fails. */
export interface JournalStore {
  create(journal: Journal): Promise<JournalVersion>;
  /** @returns undefined when it is no longer what `version` says */
  replace(
    journal: Journal,
    version: JournalVersion,
  ): Promise<JournalVersion | undefined>;
  read(id: string): Promise<StoredJournal | undefined>;
  /**
   * @returns the ids of a journal's entries that a batch begun after it has
   * written, or is about to: what they hold by now is that batch's
   */
  idsOfLater(journal: Journal): Promise<ReadonlySet<string>>;
  /** @returns those with `dueAt` up to `now`, the oldest first, some at a time */
  findDue(now: number): Promise<StoredJournal[]>;
  pending(): Promise<PendingJournals>;
  remove(id: string, version: JournalVersion): Promise<void>;
}

export function isFinal({ state }: Journal): boolean {
  return state !== "pending" && state !== "undoing";
}
