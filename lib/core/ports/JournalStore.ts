import type { Address } from "../../types";

/**
 * What the engine stores about an atomic batch, so that any node can finish it if the
 * one that began it is dead.
 */

/** A document as it was before the batch, byte for byte. */
export interface PreImage {
  readonly sourceText: string;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface JournalEntry extends Address {
  /** SHA-256 of the address and the source that the batch was to write, if any */
  readonly intendedHash: string;
  /** the batch was to delete the document, which existed */
  readonly deletes?: true;
  /** null: the document did not exist */
  readonly before: PreImage | null;
  /** the same hash of `before`, or of a document that does not exist */
  readonly beforeHash: string;
  /**
   * The `_version` of `before`, 0 if the document did not exist. Omitted if the engine
   * does not store the bytes as they were sent, since a version then proves nothing; a
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
  /**
   * a later collection of the same name has another uuid and does not concern the batch
   */
  readonly uuid: string;
}

export interface Journal {
  readonly id: string;
  readonly state: JournalState;
  readonly index: string;
  readonly collections: readonly JournalCollection[];
  /** the node that works on it until `dueAt` */
  readonly owner: string;
  /** when the batch began, before it read anything; ms since the epoch */
  readonly createdAt: number;
  /** when it had read everything, just before its journal was written */
  readonly journaledAt: number;
  /** when it became final; null before that */
  readonly decidedAt: number | null;
  /**
   * milliseconds since the epoch. From then on any node may take it over, to roll it
   * back or, if it is final, to look again and remove it
   */
  readonly dueAt: number;
  readonly entries: readonly JournalEntry[];
  /** keys of documents that were modified concurrently and left as they are */
  readonly modified: readonly string[];
  /**
   * keys of documents that the bulk had not reached when the batch was rolled back.
   * They are checked again, since it may still have been in flight
   */
  readonly recheck: readonly string[];
}

/**
 * Identifies a document within a journal. Unambiguous, since no collection has a slash
 * in its name.
 */
export function addressKey({ collection, _id }: Address): string {
  return `${collection}/${_id}`;
}

/** The version in which a journal was read or written. */
export interface JournalVersion {
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface StoredJournal {
  readonly journal: Journal;
  readonly version: JournalVersion;
}

/**
 * Another batch that concerns a document whose bytes have this hash.
 *
 * - `writer`: it was to write these bytes, so they may be its own
 * - `restorer`: it came before, found these bytes, and restores them or already has
 * - `keeper`: it came after, found these bytes, which may be ours, and will restore
 *   them if it is rolled back
 */
export type Rival =
  Writer | { readonly kind: "restorer" | "keeper"; readonly hash: string };

export interface Writer {
  readonly kind: "writer";
  readonly hash: string;
  /**
   * the document as that batch found it: it replaces exactly that, or writes nothing
   */
  readonly before: JournalVersion | null;
  /** it found these very bytes, so its rollback changes nothing */
  readonly rewrites: boolean;
  /** while it is pending, its outcome is unknown */
  readonly decision: "pending" | "committed" | "rolled back";
}

/** How far the clocks of two nodes may differ without harm. */
export const CLOCK_SKEW_MS = 5_000;

/** A snapshot of all journals. */
export interface PendingJournals {
  /** of those that are not final */
  readonly count: number;
  /** of those that are not final; undefined when there is none */
  readonly oldestCreatedAt: number | undefined;
  /** when the next journal is due; undefined if there is none */
  readonly nextDueAt: number | undefined;
}

/** Where journals are stored. Each call throws an EngineError when it fails. */
export interface JournalStore {
  create(journal: Journal): Promise<JournalVersion>;
  /** @returns undefined when it no longer has this `version` */
  replace(
    journal: Journal,
    version: JournalVersion,
  ): Promise<JournalVersion | undefined>;
  read(id: string): Promise<StoredJournal | undefined>;
  /** Applies `rivalsIn` to all existing journals. */
  findRivals(journal: Journal, hashes: readonly string[]): Promise<Rival[]>;
  /**
   * @returns some of those that are not final and due, the oldest first
   * @param except ids that are already known
   */
  findAbandoned(
    now: number,
    except: readonly string[],
  ): Promise<StoredJournal[]>;
  /** Like `findAbandoned`, for final ones that have something to `recheck`. */
  findRechecks(
    now: number,
    except: readonly string[],
  ): Promise<StoredJournal[]>;
  /**
   * Removes final ones that are due and have nothing to `recheck`. A journal stays as
   * long as a batch that began before it became final is unfinished, since it is a
   * rival of that batch.
   */
  removeFinished(now: number): Promise<void>;
  pending(): Promise<PendingJournals>;
  remove(id: string, version: JournalVersion): Promise<void>;
}

export function isFinal({ state }: Journal): boolean {
  return state !== "pending" && state !== "rolling_back";
}

/** Final, with nothing left to check. */
export function isFinished(journal: Journal): boolean {
  return isFinal(journal) && journal.recheck.length === 0;
}

/**
 * A total order, so that two batches never wait for each other. If a batch found what
 * another wrote, the journal of the other comes first.
 */
export function isAfter(
  one: Pick<Journal, "id" | "journaledAt">,
  other: Pick<Journal, "id" | "journaledAt">,
): boolean {
  return one.journaledAt === other.journaledAt
    ? one.id > other.id
    : one.journaledAt > other.journaledAt;
}
