/** The input has paused. */
export const PAUSE = Symbol("pause");

/**
 * Yields the items, and a `PAUSE` if none arrives for `ms`.
 *
 * @param ms undefined: no pauses
 */
export async function* withPauses<Item>(
  items: AsyncIterable<Item>,
  ms: number | undefined,
): AsyncGenerator<Item | typeof PAUSE> {
  if (ms === undefined) {
    yield* items;
    return;
  }
  const iterator = items[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const first = await Promise.race([next, pauseOf(ms, next)]);
      if (first === PAUSE) {
        yield PAUSE;
        // one is enough: there is nothing new until the next item
        await Promise.allSettled([next]);
        continue;
      }
      if (first.done) return;
      yield first.value;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

/** @param end resolves when the pause is no longer needed */
function pauseOf(ms: number, end: Promise<unknown>): Promise<typeof PAUSE> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(PAUSE), ms);
    const clear = () => clearTimeout(timer);
    end.then(clear, clear);
  });
}
