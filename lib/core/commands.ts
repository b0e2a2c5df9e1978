/** What a request turns into before anything is sent, and what becomes of it. */
import type {
  Failure,
  GetError,
  Source,
  Stats,
  WriteError,
  WriteInput,
} from "../types";
import type { FoundDocument, WrittenDocument } from "./documents";
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

/** A defect of one item of a request, seen before anything is sent. */
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
  /** the number of entries in the request's list, defects included */
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

export interface GetResult {
  readonly documents: FoundDocument[];
  /** those that the engine has nowhere where they had to be looked for */
  readonly missing: RequestedDocument[];
  readonly errors: GetError[];
  /** those that did not fit into the answer */
  readonly unprocessed: RequestedDocument[];
  readonly stats: Stats;
}

// --------------------------------------------------------------- writes

/** Only write when the document is still what the caller has seen. */
export interface Precondition {
  readonly ifSeqNo: number;
  readonly ifPrimaryTerm: number;
}

/** One document of a write or an update, found to be well formed. */
export interface WriteDocument {
  readonly position: number;
  readonly _id: string;
  /** sent as text, in `json`, when it is not parsed */
  readonly body: Content;
  readonly ifAbsent?: boolean;
  readonly precondition?: Precondition;
}

export interface WriteCommand {
  readonly index: string;
  readonly collection: string;
  readonly requested: number;
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<WriteInput>[];
  readonly refresh: Refresh;
  readonly strict: boolean;
}

/** How far a strict batch came: all of it, nothing of it, or a part. */
export type Completeness = "complete" | "refused" | "incomplete";

export interface WriteResult<Success = WrittenDocument> {
  readonly completeness: Completeness;
  /** how many of `stats.retries` were for a version conflict */
  readonly conflictRetries: number;
  readonly successes: Success[];
  readonly errors: WriteError[];
  readonly stats: Stats;
  /** of an atomic batch that was committed */
  readonly journalId?: string;
}

export interface UpdateCommand extends WriteCommand {
  /** how often a version conflict of one document is tried again */
  readonly retryOnConflict: number;
  /** the updated source must come back from the engine */
  readonly fetchSource: boolean;
  /** added to every document, as `_kuzzle_info` */
  readonly metadata: Source;
}
