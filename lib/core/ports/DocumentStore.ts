import type {
  Address,
  DocumentVersion,
  Failure,
  Shards,
  Source,
} from "../../types";
import type { RawSource } from "../RawSource";
import type { Precondition, Refresh, SourceSelection } from "../commands";
import type { StoredDocument } from "../documents";
import type { Outcome } from "../outcome";

/**
 * What the operations need from a document engine. Every implementation returns
 * outcomes by position: `outcomes[i]` belongs to item `i`, counted over all parts of
 * the call.
 */
export interface DocumentStore {
  /**
   * Realtime get: also finds documents that no refresh has made visible to searches.
   * The value is `null` if the engine says that the document does not exist.
   *
   * @param isRaw sources are returned unparsed
   * @throws {EngineError} when the call as a whole failed
   */
  getMany(
    parts: readonly GetPart[],
    source: SourceSelection,
    isRaw?: boolean,
  ): Promise<EngineAnswer<StoredDocument | null>>;

  /**
   * One bulk call, sent once: the operations decide what may be sent again, never a
   * client library.
   *
   * @throws {EngineError} when the call as a whole failed
   */
  bulk(
    parts: readonly BulkPart[],
    refresh: Refresh,
    opaqueId?: string,
  ): Promise<EngineAnswer<BulkDone>>;

  /**
   * Like `getMany`, but with sources as the engine stores them, byte for byte.
   *
   * @throws {EngineError}
   */
  getRaw(parts: readonly GetPart[]): Promise<EngineAnswer<RawDocument | null>>;

  /**
   * Makes everything written to these collections of an index visible to searches.
   *
   * @throws {EngineError}
   */
  refresh(index: string, collections: readonly string[]): Promise<void>;

  /**
   * Whether the engine is still processing one of these bulks, even if its caller is
   * gone.
   *
   * @throws {EngineError}
   */
  isBulkRunning(opaqueIds: readonly string[]): Promise<boolean>;

  /**
   * What the engine knows about a collection before a document is sent.
   *
   * @throws {EngineError}
   */
  describe(index: string, collection: string): Promise<CollectionDescription>;

  /**
   * Like `describe`, for a collection to be passed to `pinnedTo`. If it is deleted and
   * recreated, it is another collection, even if its documents look the same.
   *
   * @throws {EngineError} in which case nothing was done to documents
   */
  pin(index: string, collection: string): Promise<CollectionDescription>;

  /**
   * The same store, limited to the collections that had these uuids when they were
   * pinned. When one is gone, each of its items gets a 404, whatever collection has its
   * name by then.
   *
   * @param uuids by name; no other collection may be accessed
   */
  pinnedTo(uuids: ReadonlyMap<string, string>): DocumentStore;
}

/** What one call reads from one index. */
export interface GetPart {
  readonly index: string;
  readonly addresses: readonly Address[];
}

/** What one call writes to one collection. */
export interface BulkPart {
  readonly index: string;
  readonly collection: string;
  readonly items: readonly BulkItem[];
}

export interface EngineAnswer<Value> {
  readonly outcomes: readonly Outcome<Value>[];
  /** the engine's own measurement if it reports one, in milliseconds */
  readonly tookMs?: number;
  /** the size of the engine's response, if known */
  readonly bytes?: number;
}

export interface RawDocument {
  readonly sourceText: string;
  /** another program stored it; the plugin never would */
  readonly notJson?: true;
  /** increases by one with each write of the document, by anyone */
  readonly version: number;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export type BulkOperation = "index" | "create" | "update" | "delete";

/** One operation of a bulk. Its payload is serialized once, for all attempts. */
export interface BulkItem {
  readonly operation: BulkOperation;
  readonly _id: string;
  /** the JSON text of the line after the action's; none for `delete` */
  readonly payload: string;
  readonly precondition?: Precondition | undefined;
}

export interface BulkDone extends DocumentVersion {
  readonly _shards: Shards;
  readonly result: string;
  readonly status: number;
  /** only if an update asked for it */
  readonly _source?: Source | RawSource;
}

/** Mappings as the engine returns them, and the settings that may change a document. */
export interface CollectionDescription {
  /** distinguishes it from a later collection of the same name */
  readonly uuid: string;
  readonly mappings: Source;
  /** a pipeline can turn a document into anything before it is mapped */
  readonly hasPipeline: boolean;
  readonly ignoreMalformed: boolean;
}

/** A call to the engine that failed as a whole. */
export class EngineError extends Error {
  /** applies to every item of the call */
  readonly failure: Failure;
  /** the engine took nothing of it, so the whole call may be sent again */
  readonly retryable: boolean;

  constructor(failure: Failure, retryable: boolean) {
    super(failure.reason);
    this.name = "EngineError";
    this.failure = failure;
    this.retryable = retryable;
  }
}
