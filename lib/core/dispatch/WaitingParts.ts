import type { Waiting } from "./Part";

/** The maximum total of the parts that share a call. */
export interface MergeLimits {
  readonly maxSize: number;
  readonly maxBytes: number;
}

/** Parts that are sent together once the limit allows, or one after the other. */
export interface Line {
  /** of parts that may share a call; undefined: each is sent alone */
  readonly kind: string | undefined;
  readonly waiting: Waiting[];
  size: number;
  bytes: number;
}

/**
 * The parts that wait in a lane: one line for all small parts of a kind, which share
 * calls, and one line for the rest of each request. Lines take turns, so that a request
 * of 10,000 documents does not delay a hundred small ones.
 */
export class WaitingParts {
  /** in the order of their turns */
  private readonly lines = new Map<string | object, Line>();

  constructor(private readonly limits: MergeLimits) {}

  get isEmpty(): boolean {
    return this.lines.size === 0;
  }

  /** @param kind undefined: the part is sent alone, in its request's turn */
  add(waiting: Waiting, kind: string | undefined): void {
    const { part } = waiting;
    const owner = kind ?? part.stats;
    let line = this.lines.get(owner);
    if (line === undefined) {
      line = { kind, waiting: [], size: 0, bytes: 0 };
      this.lines.set(owner, line);
    }
    line.waiting.push(waiting);
    line.size += part.size;
    line.bytes += part.bytes;
  }

  /** Whether enough waits in the line to fill a call. */
  isFull({ size, bytes }: Line): boolean {
    return size >= this.limits.maxSize || bytes >= this.limits.maxBytes;
  }

  /**
   * Takes the parts of the next call from the first eligible line, which then moves to
   * the end.
   */
  takeNext(mayGo: (line: Line) => boolean): TakenParts | undefined {
    for (const [owner, line] of this.lines) {
      if (mayGo(line)) {
        this.lines.delete(owner);
        const taken = this.takeFrom(line);
        if (line.waiting.length > 0) {
          this.lines.set(owner, line);
        }
        return { kind: line.kind, taken };
      }
    }
    return undefined;
  }

  /** Removes everything that has been waiting since this time or longer. */
  takeOlder(queuedAt: number): Waiting[] {
    return this.takeWhere((each) => each.queuedAt <= queuedAt);
  }

  takeWhere(isWanted: (waiting: Waiting) => boolean): Waiting[] {
    const taken: Waiting[] = [];
    for (const [owner, line] of this.lines) {
      const kept: Waiting[] = [];
      for (const waiting of line.waiting) {
        if (isWanted(waiting)) {
          taken.push(waiting);
          this.count(line, waiting);
        } else {
          kept.push(waiting);
        }
      }
      if (kept.length === 0) {
        this.lines.delete(owner);
      }
      line.waiting.splice(0, Infinity, ...kept);
    }
    return taken;
  }

  private takeFrom(line: Line): Waiting[] {
    const { maxSize, maxBytes } = this.limits;
    const most = line.kind === undefined ? 1 : line.waiting.length;
    let size = 0;
    let bytes = 0;
    let count = 0;
    while (count < most) {
      const { part } = line.waiting[count] as Waiting;
      size += part.size;
      bytes += part.bytes;
      if (count > 0 && (size > maxSize || bytes > maxBytes)) {
        break;
      }
      count++;
    }
    const taken = line.waiting.splice(0, count);
    taken.forEach((each) => this.count(line, each));
    return taken;
  }

  private count(line: Line, { part }: Waiting): void {
    line.size -= part.size;
    line.bytes -= part.bytes;
  }
}

export interface TakenParts {
  readonly kind: string | undefined;
  readonly taken: readonly Waiting[];
}
