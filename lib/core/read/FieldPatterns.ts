/** How the text read so far matches a set of patterns. */
export interface PatternState {
  /** one of the patterns matches the field of this name, or one above it */
  readonly isMatch: boolean;
  /** no pattern can match any more, whatever is read next */
  readonly isDead: boolean;
}

/**
 * Patterns of field names in which `*` stands for any text, dots included. A pattern
 * matches the field that it names, and all fields below.
 *
 * The path of a nested field continues where that of its parent ended. Each character
 * is looked up once for all plain names, and once for each pattern with a `*`, of which
 * a request has few. So the time depends on the names in the document, and the memory
 * on the mask, whatever the patterns are.
 */
export class FieldPatterns {
  readonly start: PatternState;
  private readonly names: Names = { next: new Map(), isEnd: false };
  private readonly wildcards: WildcardPattern[] = [];

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      if (pattern.includes("*")) {
        this.wildcards.push(new WildcardPattern(pattern));
      } else {
        addName(this.names, pattern);
      }
    }
    const places = this.wildcards.map(({ start }) => start);
    this.start = this.stateOf(this.names, places);
  }

  /** @param state returned by this object earlier */
  read(state: PatternState, text: string): PatternState {
    if (state === BELOW || state.isDead) {
      return state;
    }
    const { wildcards } = this;
    let { names } = state as State;
    const places = [...(state as State).places];
    // from dot to dot, since a match at a dot is final
    for (let from = 0, to = 0; from < text.length; from = to) {
      if (text[from] === "." && this.isMatch(names, places)) {
        return BELOW;
      }
      const dot = text.indexOf(".", from + 1);
      to = dot === -1 ? text.length : dot;
      names = names && readName(names, text, from, to);
      for (let i = 0; i < places.length; i++) {
        places[i] = wildcards[i]!.read(places[i]!, text, from, to);
      }
    }
    return this.stateOf(names, places);
  }

  private stateOf(names: Names | undefined, places: readonly number[]): State {
    return {
      names,
      places,
      isMatch: this.isMatch(names, places),
      isDead: names === undefined && places.every((place) => place === NOWHERE),
    };
  }

  private isMatch(
    names: Names | undefined,
    places: readonly number[],
  ): boolean {
    return (
      names?.isEnd === true ||
      places.some((place, i) => place === this.wildcards[i]!.end)
    );
  }
}

interface State extends PatternState {
  readonly names: Names | undefined;
  /** for each pattern with a `*`: the place that it has reached */
  readonly places: readonly number[];
}

/** A node in the tree of plain names that still match. */
interface Names {
  readonly next: Map<number, Names>;
  isEnd: boolean;
}

function addName(names: Names, name: string): void {
  let at = names;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    const next = at.next.get(unit) ?? { next: new Map(), isEnd: false };
    at.next.set(unit, next);
    at = next;
  }
  at.isEnd = true;
}

function readName(
  names: Names,
  text: string,
  from: number,
  to: number,
): Names | undefined {
  let at: Names | undefined = names;
  for (let i = from; i < to && at !== undefined; i++) {
    at = at.next.get(text.charCodeAt(i));
  }
  return at;
}

/**
 * Texts that must occur one after the other, with anything in between. Taking the first
 * occurrence of each is always right, since it leaves the most text for the rest. One
 * place in the pattern is therefore the whole state.
 *
 * Source: Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", for each text.
 */
class WildcardPattern {
  readonly start: number;
  readonly end: number;
  /** by place: the character that it expects; none at the end */
  private readonly units: Int32Array;
  /** by place: the next one, after any stars in between */
  private readonly nexts: Int32Array;
  /** by place: where its text starts if a star precedes it; or nowhere */
  private readonly begins: Int32Array;
  /** by place: the next one to try after a mismatch; or nowhere */
  private readonly retries: Int32Array;

  constructor(pattern: string) {
    this.end = pattern.length;
    const afterStars = (place: number): number =>
      pattern[place] === "*" ? afterStars(place + 1) : place;
    const byPlace = (valueOf: (place: number) => number): Int32Array =>
      Int32Array.from({ length: pattern.length + 1 }, (_, i) => valueOf(i));
    this.start = afterStars(0);
    this.units = byPlace((place) =>
      place < this.end ? pattern.charCodeAt(place) : NOWHERE,
    );
    this.nexts = byPlace((place) => afterStars(place + 1));
    this.begins = byPlace(
      (place) => pattern.lastIndexOf("*", place - 1) + 1 || NOWHERE,
    );
    this.retries = byPlace(() => NOWHERE);
    let retry = NOWHERE;
    for (let place = 1; place <= pattern.length; place++) {
      const begin = this.begins[place]!;
      if (begin === NOWHERE || begin === place) {
        retry = NOWHERE;
        continue;
      }
      const found = this.match(retry, this.units[place - 1]!);
      retry = found === NOWHERE ? begin : found + 1;
      const isAsBad = this.units[retry] === this.units[place];
      this.retries[place] = isAsBad ? this.retries[retry]! : retry;
    }
  }

  read(place: number, text: string, from: number, to: number): number {
    let at = place;
    for (let i = from; i < to && at !== NOWHERE; i++) {
      const found = this.match(at, text.charCodeAt(i));
      at = found === NOWHERE ? this.begins[at]! : this.nexts[found]!;
    }
    return at;
  }

  /** The first of the places to try that expects this character. */
  private match(place: number, unit: number): number {
    let at = place;
    while (at !== NOWHERE && this.units[at] !== unit) {
      at = this.retries[at]!;
    }
    return at;
  }
}

const NOWHERE = -1;
/** The final state of everything below a match. */
const BELOW: PatternState = { isMatch: true, isDead: false };
