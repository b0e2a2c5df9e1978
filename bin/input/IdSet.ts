/**
 * Remembers which ids have come, and in which line, in 12 bytes each: 64 bits of
 * a hash and the line. With ten million ids the odds that any two are mistaken
 * for each other are one in 360,000.
 *
 * It is made of many small tables, so that growing takes a small one more and
 * not as much again.
 */
export class IdSet {
  private readonly tables: Table[] = Array.from(
    { length: TABLES },
    () => new Table(),
  );
  private count = 0;

  /** @param capacity how many ids are remembered; later ones are not */
  constructor(private readonly capacity: number) {}

  get isFull(): boolean {
    return this.count >= this.capacity;
  }

  /** The line of an earlier one; undefined for a first. */
  firstLine(id: string, line: number): number | undefined {
    const [high, low] = hash(id);
    const table = this.tables[high & (TABLES - 1)] as Table;
    const known = table.find(high, low);
    if (known === undefined && !this.isFull) {
      table.add(high, low, line);
      this.count += 1;
    }
    return known;
  }
}

const TABLES = 256;
const FIRST_SLOTS = 64;
const GROWTH = 1.4;
const MOST_FULL = 0.8;

/** Open addressing; line 0 marks a free slot. */
class Table {
  private slots = FIRST_SLOTS;
  private entries = new Uint32Array(3 * FIRST_SLOTS);
  private count = 0;

  find(high: number, low: number): number | undefined {
    const at = this.slotOf(high, low);
    return this.entries[at + 2] || undefined;
  }

  add(high: number, low: number, line: number): void {
    if (this.count + 1 > this.slots * MOST_FULL) this.grow();
    const at = this.slotOf(high, low);
    this.entries[at] = high;
    this.entries[at + 1] = low;
    this.entries[at + 2] = line;
    this.count += 1;
  }

  /** Where it is, or would be. */
  private slotOf(high: number, low: number): number {
    const { entries, slots } = this;
    let slot = low % slots;
    for (;;) {
      const at = 3 * slot;
      if (entries[at + 2] === 0) return at;
      if (entries[at] === high && entries[at + 1] === low) return at;
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
  }

  private grow(): void {
    const old = this.entries;
    this.slots = Math.ceil(this.slots * GROWTH);
    this.entries = new Uint32Array(3 * this.slots);
    for (let from = 0; from < old.length; from += 3) {
      if (old[from + 2] === 0) continue;
      const at = this.slotOf(old[from] as number, old[from + 1] as number);
      this.entries.set(old.subarray(from, from + 3), at);
    }
  }
}

/** Two halves of 32 bits (MurmurHash3's mixing, over UTF-16 units). */
function hash(text: string): [number, number] {
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
