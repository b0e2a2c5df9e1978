import { eachElement, eachMember, endOfValue, TooDeep } from "../jsonBytes";
import { jsonOf, RawSource, type Content } from "../RawSource";
import type { SourceSelection } from "../commands";
import { excessOf } from "../validation/items";
import { FieldPatterns, type PatternState } from "./FieldPatterns";

type Fields = Extract<SourceSelection, { readonly kind: "fields" }>;

/** The total number of characters in the names. */
const MAX_ENGINE_MASK = 64;

/**
 * The engine applies a few short names cheaply, and then sends less. But version 7
 * builds an automaton of the mask for each document, which takes 20 ms for 100 names.
 * Eight wildcards keep version 8 busy for minutes with one document of 50 KB, and in
 * version 8, unlike 7, a `*` ends at a dot.
 */
export function isForEngine(selection: SourceSelection): boolean {
  if (selection.kind !== "fields") {
    return true;
  }
  const names = [...selection.includes, ...selection.excludes].join("");
  return names.length <= MAX_ENGINE_MASK && !names.includes("*");
}

/**
 * The maximum depth that is scanned: a few thousand more would overflow the call stack.
 */
const MAX_DEPTH = 1_000;

/** How the patterns match a path. */
interface Path {
  readonly includes: PatternState;
  readonly excludes: PatternState;
}

/**
 * Reduces sources to the fields that a selection includes, as Elasticsearch 7 does it:
 * a pattern matches the field and all below it, `*` stands for any text, dots included,
 * and an exclude wins over an include. The remaining text stays as it was, byte for
 * byte.
 *
 * Source: `XContentMapValues.filter` of Elasticsearch. A property test compares the
 * two.
 */
export class SourceMask {
  private readonly includes: FieldPatterns;
  private readonly excludes: FieldPatterns;
  private json: Buffer = Buffer.alloc(0);
  /** pieces of the remaining text */
  private left: string[] = [];
  private depth = 0;

  constructor({ includes, excludes }: Fields) {
    this.includes = new FieldPatterns(includes.length > 0 ? includes : ["*"]);
    this.excludes = new FieldPatterns(excludes);
  }

  /** @throws {TooDeep}; {SyntaxError} if it is not JSON */
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

  /** @returns the position after it */
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

  /** Omits list elements that are empty, or become empty. */
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

  /** Adds what remains of a value, which may be nothing. */
  private cutValue(start: number, path: Path, isElement = false): number {
    const { json, left } = this;
    if (path.excludes.isMatch) {
      return endOfValue(json, start);
    }
    const isIncluded = path.includes.isMatch;
    const byte = json[start];
    const below = this.read(path, ".");
    const isScalar = byte !== BRACE_OPEN && byte !== BRACKET_OPEN;
    // the engine only descends into included values, and changes them, if an exclude
    // may match something below
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

/** @throws {TooDeep} if it is nested too deeply for ordinary programs */
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

/** @param spelled with its quotes, possibly with escapes */
function nameOf(spelled: string): string {
  return spelled.includes("\\")
    ? (JSON.parse(spelled) as string)
    : spelled.slice(1, -1);
}

const BRACKET_OPEN = 0x5b;
const BRACE_OPEN = 0x7b;
