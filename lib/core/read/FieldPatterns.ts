/** How far the text read so far agrees with some patterns. */
export interface PatternState {
  /** one of them means the field so named, or something above it */
  readonly isMatch: boolean;
  /** whatever is read next, none of them will */
  readonly isDead: boolean;
}

/**
 * Patterns of field names in which `*` stands for any text, dots included. A pattern
 * means the field that it names, and all below.
 *
 * All are followed at once, character by character, so that the path of a nested field
 * goes on where that of its parent ended. What the patterns make of a character is
 * found out once: a name takes as long as it has characters, however many stars there
 * are, where comparing pattern by pattern may take as long as both lengths multiplied.
 *
 * Source: a lazily built automaton with a bounded cache, as in RE2
 * (Russ Cox, "Regular Expression Matching in the Wild").
 */
export class FieldPatterns {
  readonly start: PatternState;
  /** the patterns one after the other, each with an end */
  private readonly symbols: number[] = [];
  private readonly states = new Map<string, State>();

  constructor(patterns: readonly string[]) {
    const starts = new Set<number>();
    for (const pattern of patterns) {
      const at = this.symbols.length;
      for (let i = 0; i < pattern.length; i++) {
        const unit = pattern.charCodeAt(i);
        this.symbols.push(unit === ASTERISK ? STAR : unit);
      }
      this.symbols.push(END);
      this.add(at, starts);
    }
    this.start = this.stateOf(starts);
  }

  /** @param state as it was given by this object */
  read(state: PatternState, text: string): PatternState {
    let now = state as State;
    for (let i = 0; i < text.length && !now.isDead; i++) {
      const unit = text.charCodeAt(i);
      now = now.next.get(unit) ?? this.step(now, unit);
    }
    return now;
  }

  private step(from: State, unit: number): State {
    const positions = new Set<number>();
    for (const position of from.positions) {
      const symbol = this.symbols[position];
      if (position === BELOW || (symbol === END && unit === DOT)) {
        // nothing else can come of it any more
        return this.keep(from, unit, new Set([BELOW]));
      }
      if (symbol === STAR) {
        this.add(position, positions);
      } else if (symbol === unit) {
        this.add(position + 1, positions);
      }
    }
    return this.keep(from, unit, positions);
  }

  private keep(from: State, unit: number, positions: Set<number>): State {
    const state = this.stateOf(positions);
    from.next.set(unit, state);
    return state;
  }

  /** A star may stand for nothing. */
  private add(position: number, positions: Set<number>): void {
    positions.add(position);
    if (this.symbols[position] === STAR) {
      this.add(position + 1, positions);
    }
  }

  private stateOf(set: ReadonlySet<number>): State {
    const positions = [...set].sort((one, other) => one - other);
    const key = positions.join();
    const known = this.states.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.states.size >= MAX_STATES) {
      this.states.forEach(({ next }) => next.clear());
      this.states.clear();
    }
    const state: State = {
      positions,
      next: new Map(),
      isDead: positions.length === 0,
      isMatch: positions.some(
        (position) => position === BELOW || this.symbols[position] === END,
      ),
    };
    this.states.set(key, state);
    return state;
  }
}

interface State extends PatternState {
  /** in `symbols`: what each pattern that still agrees expects next */
  readonly positions: readonly number[];
  readonly next: Map<number, State>;
}

const ASTERISK = 0x2a;
const DOT = 0x2e;
const STAR = -1;
const END = -2;
/** A position that stays whatever comes. */
const BELOW = -1;

/** More than patterns within the limits of a request have, unless made for it. */
const MAX_STATES = 10_000;
