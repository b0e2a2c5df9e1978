import type { Address } from "../../types";

/**
 * What the engine is to remember of an atomic batch, so that any node can
 * finish it when the one that began it is dead.
 */

/** A document as it was before the batch, byte for byte. */
export interface PreImage {
  readonly sourceText: string;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface JournalEntry extends Address {
  /** SHA-256 of the address and of the source that the batch was to write, if any */
  readonly intendedHash: string;
  /** the batch was to delete the document, which was there */
  readonly deletes?: true;
  /** null: there was no such document */
  readonly before: PreImage | null;
  /** the same hash of `before`, or of there being none */
  readonly beforeHash: string;
  /**
   * The `_version` of `before`, 0 when there was no document. Left out where the
   * engine stores other bytes than were sent, so that a version tells nothing; a
   * deletion always has it.
   */
  readonly versionBefore?: number;
}

/**
 * `pending`: the bulk may be under way; `rolling_back`: the batch failed; the others
 * are final.
 */
export type JournalState =
  | "pending"
  | "rolling_back"
  | "committed"
  | "rolled_back"
  | "rollback_incomplete";

/** A collection as it was when its documents were read. */
export interface JournalCollection {
  readonly name: string;
  /** a later collection of the same name has another, and is none of the batch's */
  readonly uuid: string;
}

export interface Journal {
  readonly id: string;
  readonly state: JournalState;
  readonly index: string;
  readonly collections: readonly JournalCollection[];
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
   * roll it back or, when it is final, to look once more and remove it
   */
  readonly dueAt: number;
  readonly entries: readonly JournalEntry[];
  /** keys of documents that were modified concurrently, and are left */
  readonly modified: readonly string[];
  /**
   * keys of documents that the bulk had not reached when the batch was rolled back,
   * though it may still be in flight: they are looked at once more
   */
  readonly recheck: readonly string[];
}

/** What names a document within a journal. No collection has a slash in its name. */
export function addressKey({ collection, _id }: Address): string {
  return `${collection}/${_id}`;
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
 * - `restorer`: it came before, has found these bytes, and restores them or has
 * - `keeper`: it came after and has found these bytes, which may be ours, and
 *   restores them should it be rolled back
 */
export type Rival =
  Writer | { readonly kind: "restorer" | "keeper"; readonly hash: string };

export interface Writer {
  readonly kind: "writer";
  readonly hash: string;
  /** the document as that batch has found it: it is written over that, or never */
  readonly before: JournalVersion | null;
  /** it has found these very bytes, so that its rollback changes nothing */
  readonly rewrites: boolean;
  /** nobody knows yet what becomes of it while it is pending */
  readonly decision: "pending" | "committed" | "rolled back";
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
   * long as a batch that began before it became final is unfinished, as a rival
   * of that one.
   */
  removeFinished(now: number): Promise<void>;
  pending(): Promise<PendingJournals>;
  remove(id: string, version: JournalVersion): Promise<void>;
}

export function isFinal({ state }: Journal): boolean {
  return state !== "pending" && state !== "rolling_back";
}

/** Final, and nothing is left to look at. */
export function isFinished(journal: Journal): boolean {
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
