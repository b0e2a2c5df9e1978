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
  /** SHA-256 of the id and of the source that the batch was to write */
  readonly intendedHash: string;
  /** null: there was no such document */
  readonly before: PreImage | null;
  /** the same hash of `before` */
  readonly beforeHash: string | null;
  /**
   * The `_version` of `before`, 0 when there was no document. Left out where the
   * engine stores other bytes than were sent, so that a version tells nothing,
   * and in journals of releases before 0.2.
   */
  readonly versionBefore?: number;
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
  /**
   * Of the collection when its documents were read: one that has its name later is
   * none of the batch's. Left out in journals of releases before 0.2.
   */
  readonly uuid?: string;
  /** the node that works on it, until `dueAt` */
  readonly owner: string;
  /** when the batch began, before it read anything; ms since the epoch */
  readonly createdAt: number;
  /** when it had read all, just before its journal was written */
  readonly journaledAt: number;
  /** when it became final; null before */
  readonly decidedAt: number | null;
  /**
   * milliseconds since the epoch: from then on any node may take it over, to
   * settle it or, when it is final, to look once more and remove it
   */
  readonly dueAt: number;
  readonly entries: readonly JournalEntry[];
  /** ids that could not be put back, mostly for somebody else has changed them */
  readonly foreign: readonly string[];
  /**
   * ids that the bulk had not reached when the batch was undone, though it may
   * still be on its way: they are looked at once more
   */
  readonly recheck: readonly string[];
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

/**
 * Another batch that has to do with a document of which the bytes have this
 * hash.
 *
 * - `writer`: it was to write these bytes: they may be its doing
 * - `restorer`: it came before, has found these bytes, and puts them back or has
 * - `keeper`: it came after and has found these bytes, which may be ours, and
 *   puts them back should it be undone
 */
export type Rival =
  Writer | { readonly kind: "restorer" | "keeper"; readonly hash: string };

export interface Writer {
  readonly kind: "writer";
  readonly hash: string;
  /** the document as that batch has found it: it is written over that, or never */
  readonly before: JournalVersion | null;
  /** it has found these very bytes, so that undoing it changes nothing */
  readonly rewrites: boolean;
  /** whether what it has written stays; nobody knows while it is pending */
  readonly decision: "pending" | "kept" | "undone";
}

/** How far the clocks of two nodes may be apart without harm. */
export const CLOCK_SKEW_MS = 5_000;

/** What is known of all journals at some moment. */
export interface PendingJournals {
  /** of those that are not final */
  readonly count: number;
  /** of those that are not final; undefined when there is none */
  readonly oldestCreatedAt: number | undefined;
  /** when the next of all journals is due; undefined when there is none at all */
  readonly nextDueAt: number | undefined;
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
  /** See `rivalsIn`: of all the journals that there are. */
  findRivals(journal: Journal, hashes: readonly string[]): Promise<Rival[]>;
  /**
   * @returns some of those that are not final and due, the oldest first
   * @param except ids of those that are known already
   */
  findAbandoned(
    now: number,
    except: readonly string[],
  ): Promise<StoredJournal[]>;
  /** As `findAbandoned`, of final ones that have something to `recheck`. */
  findRechecks(
    now: number,
    except: readonly string[],
  ): Promise<StoredJournal[]>;
  /**
   * Removes final ones that are due and have nothing to `recheck`. One stays as
   * long as a batch that began before it became final is unsettled, as a rival
   * of that one.
   */
  removeFinished(now: number): Promise<void>;
  pending(): Promise<PendingJournals>;
  remove(id: string, version: JournalVersion): Promise<void>;
}

export function isFinal({ state }: Journal): boolean {
  return state !== "pending" && state !== "undoing";
}

/** Final, and nothing is left to look at. */
export function isSettled(journal: Journal): boolean {
  return isFinal(journal) && journal.recheck.length === 0;
}

/**
 * A total order, so that two batches never wait for each other. What a batch
 * has found of another's writing, that one's journal came before.
 */
export function isAfter(
  one: Pick<Journal, "id" | "journaledAt">,
  other: Pick<Journal, "id" | "journaledAt">,
): boolean {
  return one.journaledAt === other.journaledAt
    ? one.id > other.id
    : one.journaledAt > other.journaledAt;
}
