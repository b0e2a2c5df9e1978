/**
 * Remembers ids and the lines on which they occurred, in 13 bytes each: 48 bits of a
 * hash, and the line. With two million ids, the probability that any two are confused
 * is less than one in a million.
 *
 * It grows by adding a table, not by copying into a larger one, so it never needs more
 * memory than it holds.
 */
export class IdSet {
  private readonly tables: Table[] = [new Table(FIRST_SLOTS)];
  private count = 0;

  /** @param capacity how many ids are remembered; later ones are not */
  constructor(private readonly capacity: number) {}

  get isFull(): boolean {
    return this.count >= this.capacity;
  }

  /** The line of the first occurrence; undefined if this is the first. */
  firstLine(id: string, line: number): number | undefined {
    const [high, low] = cyrb53(id);
    for (const table of this.tables) {
      const known = table.find(high, low);
      if (known !== undefined) return known;
    }
    if (!this.isFull) this.add(high, low, line);
    return undefined;
  }

  private add(high: number, low: number, line: number): void {
    let last = this.tables.at(-1) as Table;
    if (last.isFull) {
      last = new Table(MORE_SLOTS);
      this.tables.push(last);
    }
    last.add(high, low, line);
    this.count += 1;
  }
}

const FIRST_SLOTS = 64 * 1024;
const MORE_SLOTS = 1024 * 1024;
const MOST_FULL = 0.85;

/** Open addressing; line 0 marks a free slot. */
class Table {
  private readonly lows: Uint32Array;
  private readonly highs: Uint16Array;
  private readonly lines: Uint32Array;
  private readonly most: number;
  private count = 0;

  /** @param slots a power of two */
  constructor(private readonly slots: number) {
    this.lows = new Uint32Array(slots);
    this.highs = new Uint16Array(slots);
    this.lines = new Uint32Array(slots);
    this.most = slots * MOST_FULL;
  }

  get isFull(): boolean {
    return this.count >= this.most;
  }

  find(high: number, low: number): number | undefined {
    return this.lines[this.slotOf(high, low)] || undefined;
  }

  add(high: number, low: number, line: number): void {
    const slot = this.slotOf(high, low);
    this.lows[slot] = low;
    this.highs[slot] = high & 0xffff;
    this.lines[slot] = line;
    this.count += 1;
  }

  /** The slot of an id, used or not. */
  private slotOf(high: number, low: number): number {
    const { lows, highs, lines, slots } = this;
    const short = high & 0xffff;
    // determined by the half that is not stored whole
    for (
      let slot = (high >>> 12) & (slots - 1);
      ;
      slot = (slot + 1) & (slots - 1)
    ) {
      if (lines[slot] === 0) return slot;
      if (lows[slot] === low && highs[slot] === short) return slot;
    }
  }
}

/**
 * cyrb53 by bryc (public domain), with seed 0 and both 32-bit halves kept: two rounds
 * of multiplication and shift, finished as in MurmurHash3.
 */
function cyrb53(text: string): [number, number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507);
  high ^= Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507);
  low ^= Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, low >>> 0];
}
