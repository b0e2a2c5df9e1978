import { eachElement, eachMember, endOfValue, TooDeep } from "../jsonBytes";
import { jsonOf, RawSource, type Content } from "../RawSource";
import type { SourceSelection } from "../commands";
import { excessOf } from "../validation/items";
import { FieldPatterns, type PatternState } from "./FieldPatterns";

type Fields = Extract<SourceSelection, { readonly kind: "fields" }>;

/** Characters of all names together. */
const MAX_ENGINE_MASK = 64;

/**
 * A few short names are cheap to apply for the engine, and it sends the less. But version
 * 7 makes an automaton of a mask for each document anew, which takes 20 ms for 100
 * names. Eight wildcards keep version 8 busy for minutes with one document of 50 KB, and
 * to it a `*` ends at a dot, unlike to version 7.
 */
export function isForEngine(selection: SourceSelection): boolean {
  if (selection.kind !== "fields") {
    return true;
  }
  const names = [...selection.includes, ...selection.excludes].join("");
  return names.length <= MAX_ENGINE_MASK && !names.includes("*");
}

/** So far documents are followed down: some thousand more would be too many calls. */
const MAX_DEPTH = 1_000;

/** What the patterns make of a path. */
interface Path {
  readonly includes: PatternState;
  readonly excludes: PatternState;
}

/**
 * Leaves of sources what a selection asks for, as Elasticsearch 7 does it: a pattern
 * means the field and all below it, `*` stands for any text, dots included, and an
 * exclude wins over an include. What is left stays as it was written, byte for byte.
 *
 * Source: `XContentMapValues.filter` of Elasticsearch. A property test compares
 * the two.
 */
export class SourceMask {
  private readonly includes: FieldPatterns;
  private readonly excludes: FieldPatterns;
  private json: Buffer = Buffer.alloc(0);
  /** pieces of the text that is left */
  private left: string[] = [];
  private depth = 0;

  constructor({ includes, excludes }: Fields) {
    this.includes = new FieldPatterns(includes.length > 0 ? includes : ["*"]);
    this.excludes = new FieldPatterns(excludes);
  }

  /** @throws {TooDeep}; {SyntaxError} where it is not JSON */
  cut(source: Content): RawSource {
    const { json, start } = bytesOf(source);
    this.json = json;
    this.left = [];
    this.depth = 0;
    const { start: includes } = this.includes;
    const { start: excludes } = this.excludes;
    this.cutObject(start, { includes, excludes });
    return RawSource.ofText(this.left.join(""));
  }

  /** @returns the position behind it */
  private cutObject(start: number, prefix: Path): number {
    const { json, left } = this;
    const before = left.push("{");
    const end = eachMember(json, start, (nameStart, nameEnd, valueStart) => {
      const spelled = json.toString("utf8", nameStart, nameEnd);
      const comma = left.length === before ? "" : ",";
      const length = left.push(comma, spelled, ":");
      const path = this.read(prefix, nameOf(spelled));
      const valueEnd = this.cutValue(valueStart, path);
      if (left.length === length) {
        left.length -= 3;
      }
      return valueEnd;
    });
    left.push("}");
    return end;
  }

  /** What is empty in a list, or becomes so, is left out of it. */
  private cutList(start: number, path: Path): number {
    const { left } = this;
    const before = left.push("[");
    const end = eachElement(this.json, start, (valueStart) => {
      const comma = left.length === before ? "" : ",";
      const length = left.push(comma);
      const valueEnd = this.cutValue(valueStart, path, true);
      if (left.length === length) {
        left.length--;
      }
      return valueEnd;
    });
    left.push("]");
    return end;
  }

  /** Adds what is left of a value, which may be nothing. */
  private cutValue(start: number, path: Path, isElement = false): number {
    const { json, left } = this;
    if (path.excludes.isMatch) {
      return endOfValue(json, start);
    }
    const isIncluded = path.includes.isMatch;
    const byte = json[start];
    const below = this.read(path, ".");
    const isScalar = byte !== BRACE_OPEN && byte !== BRACKET_OPEN;
    // only where an exclude may mean something below does the engine look into what
    // is included, and change it
    const isWhole = isIncluded && (isScalar || below.excludes.isDead);
    const isNone = !isIncluded && (isScalar || below.includes.isDead);
    if (isWhole || isNone) {
      const end = endOfValue(json, start);
      if (isWhole) {
        left.push(json.toString("utf8", start, end));
      }
      return end;
    }
    const length = left.length;
    if (++this.depth > MAX_DEPTH) {
      throw new TooDeep();
    }
    const end =
      byte === BRACE_OPEN
        ? this.cutObject(start, below)
        : this.cutList(start, path);
    this.depth--;
    const isEmpty = left.length === length + 2;
    if (isEmpty && (isElement || !isIncluded)) {
      left.length = length;
    }
    return end;
  }

  private read({ includes, excludes }: Path, text: string): Path {
    return {
      includes: this.includes.read(includes, text),
      excludes: this.excludes.read(excludes, text),
    };
  }
}

/** @throws {TooDeep} where no program can be expected to follow a document down */
export function assertNotTooDeep(source: Content): void {
  if (source instanceof RawSource) {
    const { json, start } = bytesOf(source);
    endOfValue(json, start, MAX_DEPTH);
  } else if (excessOf(source, Infinity, MAX_DEPTH) === "depth") {
    throw new TooDeep();
  }
}

function bytesOf(source: Content): { json: Buffer; start: number } {
  return source instanceof RawSource && Buffer.isBuffer(source.answer)
    ? { json: source.answer, start: source.start }
    : { json: Buffer.from(jsonOf(source)), start: 0 };
}

/** @param spelled with its quotes, and maybe with escapes */
function nameOf(spelled: string): string {
  return spelled.includes("\\")
    ? (JSON.parse(spelled) as string)
    : spelled.slice(1, -1);
}

const BRACKET_OPEN = 0x5b;
const BRACE_OPEN = 0x7b;
