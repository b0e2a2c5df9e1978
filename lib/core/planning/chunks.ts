/** How a long list of items is split into calls, and in which order these are made. */
import { ChunkFiller, type ChunkLimits } from "./ChunkFiller";

/**
 * Splits positions into chunks that respect both limits. A single item above `maxSize`
 * gets a chunk of its own: the engine decides on it.
 *
 * @param sizeOf the size of the item at a position, in the unit of `maxSize`
 */
export function planChunks(
  positions: readonly number[],
  sizeOf: (position: number) => number,
  limits: ChunkLimits,
): (readonly number[])[] {
  const filler = new ChunkFiller<number>(limits);
  const chunks: (readonly number[])[] = [];

  for (const position of positions) {
    for (const { items } of filler.add(position, sizeOf(position))) {
      chunks.push(items);
    }
  }
  return [...chunks, ...filler.flush().map(({ items }) => items)];
}

/**
 * Puts the repeats of an id into successive waves: the n-th occurrence of an id goes
 * into wave n. Within a wave every id is unique, and the order is that of the request.
 */
export function planWaves(ids: readonly string[]): number[][] {
  const waves: number[][] = [];
  const timesSeen = new Map<string, number>();

  ids.forEach((id, position) => {
    const wave = timesSeen.get(id) ?? 0;
    timesSeen.set(id, wave + 1);
    (waves[wave] ??= []).push(position);
  });
  return waves;
}
