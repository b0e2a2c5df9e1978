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
 * What the operations ask of a document engine. Whatever stands behind it
 * answers by position: `outcomes[i]` is what became of item `i`, counted over all
 * parts of the call.
 */
export interface DocumentStore {
  /**
   * Realtime get: sees documents that no refresh has shown to searches.
   * The value is `null` where the engine answered that there is none.
   *
   * @param isRaw the sources are not parsed, but given as they are
   * @throws {EngineError} when the call as a whole failed
   */
  getMany(
    parts: readonly GetPart[],
    source: SourceSelection,
    isRaw?: boolean,
  ): Promise<EngineAnswer<StoredDocument | null>>;

  /**
   * One bulk call. It is sent once: what may be sent again is decided by the
   * operations, never by a client library.
   *
   * @throws {EngineError} when the call as a whole failed
   */
  bulk(
    parts: readonly BulkPart[],
    refresh: Refresh,
    opaqueId?: string,
  ): Promise<EngineAnswer<BulkDone>>;

  /**
   * As `getMany`, but the sources as the engine keeps them, byte for byte.
   *
   * @throws {EngineError}
   */
  getRaw(parts: readonly GetPart[]): Promise<EngineAnswer<RawDocument | null>>;

  /**
   * Lets searches find all that was written into some collections of an index.
   *
   * @throws {EngineError}
   */
  refresh(index: string, collections: readonly string[]): Promise<void>;

  /**
   * Whether the engine is still at work on one of these bulks, also when its caller
   * is gone.
   *
   * @throws {EngineError}
   */
  isBulkRunning(opaqueIds: readonly string[]): Promise<boolean>;

  /**
   * What the engine knows of a collection before a document is sent.
   *
   * @throws {EngineError}
   */
  describe(index: string, collection: string): Promise<CollectionDescription>;

  /**
   * As `describe`, of a collection that `pinnedTo` is to address: deleted and
   * created anew it would be another one, whose documents may look the same.
   *
   * @throws {EngineError} and nothing that concerns documents was done
   */
  pin(index: string, collection: string): Promise<CollectionDescription>;

  /**
   * The same store, but for documents of the collections that had these uuids when
   * they were pinned. When one is gone, each item answers that there is none (404),
   * whatever has its name by now.
   *
   * @param uuids by name: no other collection may be asked for
   */
  pinnedTo(uuids: ReadonlyMap<string, string>): DocumentStore;
}

/** What one call looks up in one index. */
export interface GetPart {
  readonly index: string;
  readonly addresses: readonly Address[];
}

/** What one call writes into one collection. */
export interface BulkPart {
  readonly index: string;
  readonly collection: string;
  readonly items: readonly BulkItem[];
}

export interface EngineAnswer<Value> {
  readonly outcomes: readonly Outcome<Value>[];
  /** the engine's own figure, where it gives one, in milliseconds */
  readonly tookMs?: number;
  /** the size of the engine's answer, where it tells */
  readonly bytes?: number;
}

export interface RawDocument {
  readonly sourceText: string;
  /** another program has stored it, for nobody here could have */
  readonly notJson?: true;
  /** goes up by one with each write of the document, whoever it is by */
  readonly version: number;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export type BulkOperation = "index" | "create" | "update" | "delete";

/** One operation of a bulk, its payload serialized once, for all attempts. */
export interface BulkItem {
  readonly operation: BulkOperation;
  readonly _id: string;
  /** the JSON text of the line that follows the action's; none for `delete` */
  readonly payload: string;
  readonly precondition?: Precondition | undefined;
}

export interface BulkDone extends DocumentVersion {
  readonly _shards: Shards;
  readonly result: string;
  readonly status: number;
  /** only where an update asked for it */
  readonly _source?: Source | RawSource;
}

/** Mappings as the engine gives them, and what may change a document. */
export interface CollectionDescription {
  /** tells it from one that has the same name later */
  readonly uuid: string;
  readonly mappings: Source;
  /** a pipeline may turn a document into anything before it is mapped */
  readonly hasPipeline: boolean;
  readonly ignoreMalformed: boolean;
}

/** A call to the engine that failed as a whole. */
export class EngineError extends Error {
  /** holds for every item of the call */
  readonly failure: Failure;
  /** the engine took nothing of it: the whole call may be sent again */
  readonly retryable: boolean;

  constructor(failure: Failure, retryable: boolean) {
    super(failure.reason);
    this.name = "EngineError";
    this.failure = failure;
    this.retryable = retryable;
  }
}
