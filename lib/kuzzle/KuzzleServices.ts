import type { KuzzleRequest } from "kuzzle";

import type { OperationName } from "../types";

/** What the controllers need of the Kuzzle that they run in. */
export interface KuzzleServices {
  /** of this process, as long as it lives */
  readonly nodeId: string;
  isNodeAlive(nodeId: string): Promise<boolean>;
  /** tells the others that this one is alive */
  tellAlive(): Promise<void>;
  /** shared by all nodes; values are plain data */
  readonly cache: SharedCache;
  /** what Kuzzle takes at most in one request */
  readonly maxRequestBytes: number;
  /** Kuzzle makes JSON of each answer, for its size in the access log */
  readonly logsAccess: boolean;
  readonly documentsFetchCount: number;
  readonly documentsWriteCount: number;
  readonly defaultConflictRetries: number;
  indexExists(index: string): Promise<boolean>;
  collectionExists(index: string, collection: string): Promise<boolean>;
  listCollections(index: string): Promise<string[]>;
  /** whether a pipe or a hook, other than the plugin's own, waits for an event */
  hasListeners(event: string): boolean;
  /** runs the pipes and hooks of an event; the first payload as they left it */
  pipe(event: string, ...payload: unknown[]): Promise<unknown>;
  hasSubscribers(index: string, collection: string): boolean;
  /**
   * Kuzzle remembers which filters a document has matched, to tell when it
   * leaves them: a change that nobody hears of has to clear that.
   */
  forgetMatches(
    index: string,
    collection: string,
    ids: readonly string[],
  ): Promise<void>;
  /** whether sources can be sent as they are, over the protocol of a request */
  canAnswerRaw(request: KuzzleRequest): boolean;
  /** the answer to a request has sources in it, each to be sent as its own text */
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
  /** @returns false when there is one already */
  create(key: string, text: string, ttlMs: number): Promise<boolean>;
  /**
   * Compare-and-set.
   *
   * @param text null removes the key
   * @returns false when it holds something else than `expected`
   */
  replace(
    key: string,
    expected: string,
    text: string | null,
    ttlMs: number,
  ): Promise<boolean>;
}
