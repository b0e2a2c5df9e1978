/**
 * Maps items with several concurrent calls, and yields the results in the order of the
 * items. Holds no more results than calls.
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
    // handled when it is its turn
    result.catch(() => undefined);
    inFlight.push([item, result]);
    const first = inFlight.length === concurrency && inFlight.shift();
    if (first) yield [first[0], await first[1]];
  }
  for (const [item, result] of inFlight) yield [item, await result];
}
