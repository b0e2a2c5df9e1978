/** How a long list of items is cut into calls, and in which order they go. */

export interface ChunkLimits {
  readonly maxCount: number;
  readonly maxSize: number;
}

/**
 * Cuts positions into chunks that respect both limits. A single item above
 * `maxSize` gets a chunk of its own: the engine decides on it.
 *
 * @param sizeOf of the item at a position, in the unit of `maxSize`
 */
export function planChunks(
  positions: readonly number[],
  sizeOf: (position: number) => number,
  limits: ChunkLimits,
): number[][] {
  const chunks: number[][] = [];
  let current: number[] = [];
  let filled = 0;

  for (const position of positions) {
    const size = sizeOf(position);
    const full =
      current.length === limits.maxCount || filled + size > limits.maxSize;
    if (full && current.length > 0) {
      chunks.push(current);
      current = [];
      filled = 0;
    }
    current.push(position);
    filled += size;
  }
  if (current.length > 0) {
    chunks.push(current);
  }
  return chunks;
}

/**
 * Puts the repeats of an id into successive waves: the n-th time an id comes,
 * its position is in wave n. Inside a wave every id is unique and the order
 * is the request's.
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
