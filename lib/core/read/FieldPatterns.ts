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
 * The path of a nested field goes on where that of its parent ended. A character is
 * looked up once for all plain names and once for each pattern with a `*`, of which a
 * request has few: the time is that of the names in the document, and the room that of
 * the mask, whatever they are.
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

  /** @param state as it was given by this object */
  read(state: PatternState, text: string): PatternState {
    if (state === BELOW || state.isDead) {
      return state;
    }
    const { wildcards } = this;
    let { names } = state as State;
    const places = [...(state as State).places];
    // from dot to dot, since what is matched at one is matched for good
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
  /** in each pattern with a `*`: what it expects next */
  readonly places: readonly number[];
}

/** What is left of the plain names that agree so far. */
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
 * Texts that have to come one after the other, with anything in between. Each may be
 * taken where it comes first, for what is behind it only has the more to choose from:
 * so one place in the pattern is all there is to know.
 *
 * Source: Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", for each text.
 */
class WildcardPattern {
  readonly start: number;
  readonly end: number;
  /** by place: the character that it expects; none at the end */
  private readonly units: Int32Array;
  /** by place: the one behind it, and behind the stars that follow */
  private readonly nexts: Int32Array;
  /** by place: where its text begins, which may come any time; or nowhere */
  private readonly begins: Int32Array;
  /** by place: the next one to try when it does not go on there; or nowhere */
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

  /** The first place to try that expects this character. */
  private match(place: number, unit: number): number {
    let at = place;
    while (at !== NOWHERE && this.units[at] !== unit) {
      at = this.retries[at]!;
    }
    return at;
  }
}

const NOWHERE = -1;
/** A state that stays whatever comes. */
const BELOW: PatternState = { isMatch: true, isDead: false };
