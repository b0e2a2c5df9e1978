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
 * goes on where that of its parent ended. A character is looked up once for all plain
 * names and once for each pattern with a `*`, of which a request has few: the time is
 * that of the names in the document, and the room that of the mask, whatever they are.
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
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === DOT && this.isMatch(names, places)) {
        return BELOW;
      }
      names = names?.next.get(unit);
      for (let j = 0; j < places.length; j++) {
        places[j] = wildcards[j]!.read(places[j]!, unit);
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
  /** by place: where its text begins, which may come any time; or nowhere */
  private readonly begins: number[] = [];
  /** by place: the next one to try when it does not go on there; or nowhere */
  private readonly retries: number[] = [];

  constructor(private readonly pattern: string) {
    this.end = pattern.length;
    let begin = NOWHERE;
    let retry = NOWHERE;
    for (let place = 0; place <= pattern.length; place++) {
      if (pattern[place - 1] === "*") {
        begin = place;
        retry = NOWHERE;
      } else if (begin !== NOWHERE) {
        const found = this.match(retry, pattern.charCodeAt(place - 1));
        retry = found === NOWHERE ? begin : found + 1;
      }
      const isAsBad = retry !== NOWHERE && pattern[retry] === pattern[place];
      this.retries.push(isAsBad ? this.retries[retry]! : retry);
      this.begins.push(begin);
    }
    this.start = this.afterStars(0);
  }

  read(place: number, unit: number): number {
    if (place === NOWHERE) {
      return NOWHERE;
    }
    const found = this.match(place, unit);
    return found === NOWHERE ? this.begins[place]! : this.afterStars(found + 1);
  }

  /** The first place to try that expects this character. */
  private match(place: number, unit: number): number {
    let at = place;
    while (at !== NOWHERE && this.pattern.charCodeAt(at) !== unit) {
      at = this.retries[at]!;
    }
    return at;
  }

  private afterStars(place: number): number {
    let at = place;
    while (this.pattern[at] === "*") {
      at++;
    }
    return at;
  }
}

const DOT = 0x2e;
const NOWHERE = -1;
/** A state that stays whatever comes. */
const BELOW: PatternState = { isMatch: true, isDead: false };
