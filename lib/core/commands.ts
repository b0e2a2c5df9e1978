/** What a request becomes before anything is sent, and its results. */
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

/** Which part of the sources is returned. Field names may contain `*`. */
export type SourceSelection =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | {
      readonly kind: "fields";
      readonly includes: readonly string[];
      readonly excludes: readonly string[];
    };

/**
 * The `refresh` of a write: with `wait_for` the response comes once searches see the
 * documents.
 */
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
  /** position in the request's list, from 0 */
  readonly position: number;
  readonly _id: string;
  /** absent: search every collection that the caller may read */
  readonly collection?: string;
  /** requested in `documents`, not in `ids`: the response names the collection */
  readonly byAddress: boolean;
}

export interface GetCommand {
  readonly index: string;
  /** the number of entries in the request's list, invalid ones included */
  readonly requested: number;
  readonly asked: readonly RequestedDocument[];
  readonly validationErrors: readonly ValidationError<unknown>[];
  /** where ids without a collection are searched */
  readonly collections: readonly string[];
  readonly source: SourceSelection;
  /** nobody reads the sources, so they are passed on unparsed */
  readonly isRaw: boolean;
  /**
   * documents that do not fit into a response of this size are left for another request
   */
  readonly maxResponseBytes: number;
}

/** The lists of a response, as far as they are known. */
export interface GetLists {
  readonly documents: FoundDocument[];
  /** those that exist in none of the collections searched */
  readonly missing: RequestedDocument[];
  readonly errors: GetError[];
}

export interface GetResult extends GetLists {
  /** those that did not fit into the response */
  readonly unprocessed: readonly RequestedDocument[];
  readonly stats: Stats;
}

// --------------------------------------------------------------- writes

/** Only write if the document is still in the state that the caller has seen. */
export interface Precondition {
  readonly ifSeqNo: number;
  readonly ifPrimaryTerm: number;
}

/** One well-formed operation of a batch on one document. */
export interface WriteDocument {
  readonly position: number;
  readonly op: OperationName;
  /** the request names the operation: it is in `operations`, not in `documents` */
  readonly isNamed?: true;
  readonly collection: string;
  readonly _id: string;
  /**
   * Unparsed if it was sent as text, in `json`. For an upsert, the changes to an
   * existing document; for a delete, nothing.
   */
  readonly body: Content;
  /** for an upsert: additional fields if the document does not exist */
  readonly defaults?: Content;
  readonly ifAbsent?: boolean;
  readonly precondition?: Precondition;
}

/** An operation as the caller sent it, as far as it was understood. */
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
  /** awaited just before the first write; if it throws, nothing is written */
  readonly beforeFirstWrite?: () => Promise<void>;
}

/** Who writes, and when, for the `_kuzzle_info` that Kuzzle adds to documents. */
export interface WriteStamp {
  /** milliseconds since the epoch */
  readonly at: number;
  readonly userId: string | null;
}

/** A batch with everything needed to send it. */
export interface BatchCommand extends WriteCommand {
  /** what the stats count successes as */
  readonly counter: "written" | "updated";
  /** how often a document is retried after a version conflict */
  readonly retryOnConflict: number;
  readonly stamp: WriteStamp;
  /**
   * Whether a document's content is needed in addition to its outcome: after an update,
   * or before a delete.
   */
  wantsSource(document: WriteDocument): boolean;
}

/** The result of one operation that was done. */
export interface DoneWrite extends DocumentVersion {
  readonly op: OperationName;
  readonly collection: string;
  readonly _id: string;
  readonly _shards: Shards;
  /** created, updated, deleted or noop */
  readonly result: string;
  /** the engine's HTTP status of this item */
  readonly status: number;
  /** how often the document was sent; 1 if it succeeded at once */
  readonly attempts: number;
  readonly position: number;
  /** only if it was wanted */
  readonly _source?: Content;
}

/** How much of a strict batch was written: all, nothing, or a part. */
export type Completeness = "complete" | "refused" | "incomplete";

export interface WriteResult {
  readonly completeness: Completeness;
  /** how many of `stats.retries` were due to a version conflict */
  readonly conflictRetries: number;
  readonly successes: DoneWrite[];
  readonly errors: WriteError[];
  readonly stats: Stats;
  /** only for an atomic batch that was committed */
  readonly journalId?: string;
}
