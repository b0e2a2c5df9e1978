/**
 * Finds values in JSON, as UTF-8, without parsing them: a source that is restored
 * has to be the same to the byte, numbers beyond 2^53 do not survive parsing, and
 * what is only passed on need not be parsed at all.
 *
 * For what an engine has written: brackets are taken to match. A SyntaxError is
 * thrown where it ends too early, and a NotJson where it has what JSON has not, such
 * as the comments that an engine takes from a client.
 */

/** Something that is whole, but not JSON. */
export class NotJson extends SyntaxError {}

/** A document that goes further down than somebody can follow. */
export class TooDeep extends Error {}

/**
 * Visits the members of the object that begins at `start`. `visit` is called with where
 * a name begins and ends, with its quotes, and where its value begins; it tells
 * where that ends.
 *
 * @returns the position behind the object
 */
export function eachMember(
  json: Buffer,
  start: number,
  visit: (nameStart: number, nameEnd: number, valueStart: number) => number,
): number {
  let at = skipSpace(json, skipSpace(json, start) + 1);

  while (json[at] !== BRACE_CLOSED) {
    const nameEnd = endOfString(json, at);
    const valueStart = skipSpace(json, skipSpace(json, nameEnd) + 1);
    at = afterComma(json, visit(at, nameEnd, valueStart), BRACE_CLOSED);
  }
  return at + 1;
}

/** A name as an engine writes it, to be compared without making it a string. */
export function nameBytes(name: string): Buffer {
  return Buffer.from(JSON.stringify(name));
}

export function isName(
  json: Buffer,
  start: number,
  end: number,
  name: Buffer,
): boolean {
  if (end - start !== name.length) {
    return false;
  }
  for (let i = 0; i < name.length; i++) {
    if (json[start + i] !== name[i]) {
      return false;
    }
  }
  return true;
}

/** As `eachMember`, for a list. */
export function eachElement(
  json: Buffer,
  start: number,
  visit: (valueStart: number) => number,
): number {
  let at = skipSpace(json, skipSpace(json, start) + 1);

  while (json[at] !== BRACKET_CLOSED) {
    at = afterComma(json, visit(at), BRACKET_CLOSED);
  }
  return at + 1;
}

/** The whole number, 0 or above, that begins at a position. */
export function countAt(json: Buffer, start: number): number {
  let count = 0;
  for (let at = start; ; at++) {
    const digit = (json[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) {
      return count;
    }
    count = count * 10 + digit;
  }
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACKET_CLOSED = 0x5d;
const BRACE_CLOSED = 0x7d;
const ZERO = 0x30;

/** What a byte outside of strings is; 0 is what JSON has not. */
const PLAIN = 1;
const OPENS = 2;
const CLOSES = 3;
const KINDS = new Uint8Array(256);
for (const [characters, kind] of [
  [" \t\r\n,:+-.0123456789eEtrufalsn", PLAIN],
  ["{[", OPENS],
  ["}]", CLOSES],
] as const) {
  for (const character of characters) {
    KINDS[character.charCodeAt(0)] = kind;
  }
}

/**
 * @returns the position behind the value that begins at `start`
 * @throws {TooDeep} where it goes further down than so many levels
 */
export function endOfValue(
  json: Buffer,
  start: number,
  maxDepth = Infinity,
): number {
  const { length } = json;
  let depth = 0;
  let at = start;
  while (at < length) {
    const byte = json[at] as number;
    if (byte === QUOTE) {
      at = endOfString(json, at);
      if (depth === 0) {
        return at;
      }
      continue;
    }
    switch (KINDS[byte]) {
      case PLAIN:
        if (depth === 0 && (byte === COMMA || byte <= SPACE)) {
          return at;
        }
        break;
      case OPENS:
        if (++depth > maxDepth) {
          throw new TooDeep();
        }
        break;
      case CLOSES:
        if (depth === 0) {
          return at;
        }
        depth--;
        if (depth === 0) {
          return at + 1;
        }
        break;
      default:
        throw unexpected(at);
    }
    at++;
  }
  // a number or a word alone is not what this is given
  throw new SyntaxError("JSON ends too early");
}

/** Short strings are looked through here, for a search costs more to begin. */
const SHORT_STRING = 48;

function endOfString(json: Buffer, start: number): number {
  const near = Math.min(json.length, start + SHORT_STRING);
  let at = start + 1;
  for (; at < near; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      return at + 1;
    }
    if (byte === BACKSLASH) {
      at++;
    }
  }
  for (;;) {
    const quote = json.indexOf(QUOTE, at);
    if (quote === -1) {
      throw new SyntaxError("JSON ends within a string");
    }
    let unescaped = quote;
    while (unescaped > at && json[unescaped - 1] === BACKSLASH) {
      unescaped--;
    }
    at = quote + 1;
    if ((quote - unescaped) % 2 === 0) {
      return at;
    }
  }
}

/** @returns where the next member or element begins, or else where `end` stands */
function afterComma(json: Buffer, at: number, end: number): number {
  const next = skipSpace(json, at);
  if (json[next] === COMMA) {
    return skipSpace(json, next + 1);
  }
  if (json[next] === end) {
    return next;
  }
  throw next < json.length
    ? unexpected(next)
    : new SyntaxError("JSON ends too early");
}

function unexpected(at: number): NotJson {
  return new NotJson(`what stands at ${at} is not JSON`);
}

function skipSpace(json: Buffer, start: number): number {
  let at = start;
  while (at < json.length && (json[at] as number) <= SPACE) {
    at++;
  }
  return at;
}
