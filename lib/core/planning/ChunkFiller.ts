/** The maximum size of a chunk. */
export interface ChunkLimits {
  readonly maxCount: number;
  readonly maxSize: number;
}

export interface FilledChunk<Item> {
  readonly items: readonly Item[];
  /** sum over the items, in the unit of `maxSize` */
  readonly size: number;
}

const NONE: readonly never[] = [];

/**
 * Fills chunks with items that arrive one by one, each chunk as full as both limits
 * allow. A single item above `maxSize` gets a chunk of its own.
 */
export class ChunkFiller<Item> {
  private items: Item[] = [];
  private size = 0;

  constructor(private readonly limits: ChunkLimits) {}

  /** @returns the chunks that the item completes: before it, with it, or both */
  add(item: Item, size: number): readonly FilledChunk<Item>[] {
    const before = this.size + size > this.limits.maxSize ? this.flush() : NONE;
    this.items.push(item);
    this.size += size;
    // At once: the count shows that a chunk is full without waiting for the next item.
    return this.items.length === this.limits.maxCount
      ? [...before, ...this.flush()]
      : before;
  }

  /** @returns the open chunk, if any */
  flush(): readonly FilledChunk<Item>[] {
    const { items, size } = this;
    if (items.length === 0) {
      return NONE;
    }
    this.items = [];
    this.size = 0;
    return [{ items, size }];
  }
}
