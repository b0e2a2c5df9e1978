/** What a request turns into before anything is sent, and what becomes of it. */
import type {
  DocumentVersion,
  Failure,
  GetError,
  OperationName,
  Shards,
  Stats,
  WriteError,
  WriteInput,
} from "../types";
import type { FoundDocument } from "./documents";
import type { Content } from "./RawSource";

/** Which part of the sources is wanted. Field names may hold `*`. */
export type SourceSelection =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | {
      readonly kind: "fields";
      readonly includes: readonly string[];
      readonly excludes: readonly string[];
    };

/** `refresh` of a write: `wait_for` answers when searches see the documents. */
export type Refresh = "false" | "wait_for";

/** Why one item of a request is invalid, found before anything is sent. */
export interface ValidationError<Asked> {
  readonly position: number;
  readonly asked: Asked;
  readonly failure: Failure;
}

// ---------------------------------------------------------------- reads

/** One document that a request asks for. */
export interface RequestedDocument {
  /** place in the request's list, from 0 */
  readonly position: number;
  readonly _id: string;
  /** absent: look in every collection that the caller may read */
  readonly collection?: string;
  /** asked in `documents`, not in `ids`: the answer names the collection */
  readonly byAddress: boolean;
}

export interface GetCommand {
  readonly index: string;
  /** the number of entries in the request's list, invalid ones included */
  readonly requested: number;
  readonly asked: readonly RequestedDocument[];
  readonly validationErrors: readonly ValidationError<unknown>[];
  /** where ids without a collection are looked up */
  readonly collections: readonly string[];
  readonly source: SourceSelection;
  /** nobody looks into the sources: they are passed on as they are */
  readonly isRaw: boolean;
  /** what does not fit into an answer of this size is left for a next one */
  readonly maxResponseBytes: number;
}

/** The lists of an answer, as far as they have come. */
export interface GetLists {
  readonly documents: FoundDocument[];
  /** those that the engine has nowhere where they had to be looked for */
  readonly missing: RequestedDocument[];
  readonly errors: GetError[];
}

export interface GetResult extends GetLists {
  /** those that did not fit into the answer */
  readonly unprocessed: readonly RequestedDocument[];
  readonly stats: Stats;
}

// --------------------------------------------------------------- writes

/** Only write when the document is still what the caller has seen. */
export interface Precondition {
  readonly ifSeqNo: number;
  readonly ifPrimaryTerm: number;
}

/** One operation of a batch on one document, found to be well formed. */
export interface WriteDocument {
  readonly position: number;
  readonly op: OperationName;
  /** the request names the operation: it is in `operations`, not in `documents` */
  readonly isNamed?: true;
  readonly collection: string;
  readonly _id: string;
  /**
   * Sent as text, in `json`, when it is not parsed. Of an upsert, what is changed in a
   * document that is there; of a delete, nothing.
   */
  readonly body: Content;
  /** of an upsert: additional fields for a document that does not exist */
  readonly defaults?: Content;
  readonly ifAbsent?: boolean;
  readonly precondition?: Precondition;
}

/** An operation as the caller sent it, as far as it could be understood. */
export interface AskedWrite {
  readonly op?: OperationName;
  readonly collection?: unknown;
  readonly document: WriteInput;
}

export interface WriteCommand {
  readonly index: string;
  readonly requested: number;
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<AskedWrite>[];
  readonly refresh: Refresh;
  readonly strict: boolean;
  /** to be awaited just before the first write; when it throws, nothing is written */
  readonly beforeFirstWrite?: () => Promise<void>;
}

/** Who writes, and when: what Kuzzle keeps in a document's `_kuzzle_info`. */
export interface WriteStamp {
  /** milliseconds since the epoch */
  readonly at: number;
  readonly userId: string | null;
}

/** A batch with all that is needed to send it. */
export interface BatchCommand extends WriteCommand {
  /** what successes are counted as in the stats */
  readonly counter: "written" | "updated";
  /** how often a version conflict of one document is tried again */
  readonly retryOnConflict: number;
  readonly stamp: WriteStamp;
  /**
   * Whether somebody needs a document's content beside its outcome: of an update as it
   * is then, of a delete as it was.
   */
  wantsSource(document: WriteDocument): boolean;
}

/** What became of one operation that was done. */
export interface DoneWrite extends DocumentVersion {
  readonly op: OperationName;
  readonly collection: string;
  readonly _id: string;
  readonly _shards: Shards;
  /** created, updated, deleted or noop */
  readonly result: string;
  /** the engine's HTTP status of this item */
  readonly status: number;
  /** how often the document was sent, 1 when nothing was in the way */
  readonly attempts: number;
  readonly position: number;
  /** where it was wanted */
  readonly _source?: Content;
}

/** How far a strict batch came: all of it, nothing of it, or a part. */
export type Completeness = "complete" | "refused" | "incomplete";

export interface WriteResult {
  readonly completeness: Completeness;
  /** how many of `stats.retries` were for a version conflict */
  readonly conflictRetries: number;
  readonly successes: DoneWrite[];
  readonly errors: WriteError[];
  readonly stats: Stats;
  /** of an atomic batch that was committed */
  readonly journalId?: string;
}
