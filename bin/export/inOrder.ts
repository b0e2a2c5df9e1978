/**
 * Maps items with several calls at once, and returns their results in the order of the
 * items. Not more results than calls are held.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
  signal: AbortSignal,
): AsyncGenerator<readonly [Item, Result]> {
  const inFlight: Array<readonly [Item, Promise<Result>]> = [];
  for await (const item of items) {
    if (signal.aborted) break;
    const result = work(item);
    // it is looked at when its turn comes
    result.catch(() => undefined);
    inFlight.push([item, result]);
    const first = inFlight.length === concurrency && inFlight.shift();
    if (first) yield [first[0], await first[1]];
  }
  for (const [item, result] of inFlight) yield [item, await result];
}
