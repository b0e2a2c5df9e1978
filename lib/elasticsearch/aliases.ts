/** The engine's name of a collection. */
export type AliasOf = (index: string, collection: string) => string;

/** A Kuzzle collection is an alias of one engine index. */
export function kuzzleAlias(index: string, collection: string): string {
  return `@&${index}.${collection}`;
}

/**
 * An alias that disappears with the index and never returns, unlike Kuzzle's, which
 * does when a collection is recreated. Kuzzle ignores aliases without its prefix.
 */
export function pinOf(uuid: string): string {
  return `kuzzle-batch-${uuid}`;
}
