import type { KuzzleRequest } from "kuzzle";

import type { OperationName } from "../types";

/** What the controllers need from Kuzzle. */
export interface KuzzleServices {
  /** identifies this process for as long as it runs */
  readonly nodeId: string;
  isNodeAlive(nodeId: string): Promise<boolean>;
  /** tells the other nodes that this one is alive */
  tellAlive(): Promise<void>;
  /** shared by all nodes; values are plain data */
  readonly cache: SharedCache;
  /** the largest request that Kuzzle accepts */
  readonly maxRequestBytes: number;
  /** Kuzzle serializes each response to log its size in the access log */
  readonly logsAccess: boolean;
  readonly documentsFetchCount: number;
  readonly documentsWriteCount: number;
  readonly defaultConflictRetries: number;
  indexExists(index: string): Promise<boolean>;
  collectionExists(index: string, collection: string): Promise<boolean>;
  listCollections(index: string): Promise<string[]>;
  /** whether a pipe or hook other than the plugin's own listens to an event */
  hasListeners(event: string): boolean;
  /**
   * runs the pipes and hooks of an event, and returns the first payload as they left it
   */
  pipe(event: string, ...payload: unknown[]): Promise<unknown>;
  hasSubscribers(index: string, collection: string): boolean;
  /**
   * Kuzzle remembers which filters a document matched, so that it can notify when the
   * document leaves them. A change without notification has to clear that memory.
   */
  forgetMatches(
    index: string,
    collection: string,
    ids: readonly string[],
  ): Promise<void>;
  /** whether sources can be sent unparsed, over the protocol of a request */
  canAnswerRaw(request: KuzzleRequest): boolean;
  /** marks a request whose response has sources to be sent as their own text */
  answerRaw(request: KuzzleRequest): void;
  logError(message: string, error: unknown): void;
  notify(
    request: KuzzleRequest,
    op: OperationName,
    documents: readonly object[],
  ): Promise<void>;
}

/** Texts by key. */
export interface SharedCache {
  read(key: string): Promise<string | null>;
  /** @returns false if the key already exists */
  create(key: string, text: string, ttlMs: number): Promise<boolean>;
  /**
   * Compare-and-set.
   *
   * @param text null removes the key
   * @returns false if it holds something other than `expected`
   */
  replace(
    key: string,
    expected: string,
    text: string | null,
    ttlMs: number,
  ): Promise<boolean>;
}
