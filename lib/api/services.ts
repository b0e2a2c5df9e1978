import type { KuzzleRequest } from "kuzzle";

/** What the controllers need of the Kuzzle that they run in. */
export interface KuzzleServices {
  readonly documentsFetchCount: number;
  readonly documentsWriteCount: number;
  readonly defaultConflictRetries: number;
  indexExists(index: string): Promise<boolean>;
  collectionExists(index: string, collection: string): Promise<boolean>;
  listCollections(index: string): Promise<string[]>;
  hasSubscribers(index: string, collection: string): boolean;
  notify(
    request: KuzzleRequest,
    action: "update" | "write",
    documents: readonly object[],
  ): Promise<void>;
}
