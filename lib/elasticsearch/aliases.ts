/** What the engine calls a collection. */
export type AliasOf = (index: string, collection: string) => string;

/** A Kuzzle collection is an alias of one engine index. */
export function kuzzleAlias(index: string, collection: string): string {
  return `@&${index}.${collection}`;
}

/**
 * An alias that goes with the index and never comes back, as that of Kuzzle does when
 * a collection is created anew. Kuzzle takes no notice of one without its prefix.
 */
export function pinOf(uuid: string): string {
  return `kuzzle-batch-${uuid}`;
}
