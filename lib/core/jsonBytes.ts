/**
 * Finds values in JSON, as UTF-8, without parsing them: a source that is restored must
 * be identical to the byte, numbers beyond 2^53 do not survive parsing, and what is
 * only passed on need not be parsed at all.
 *
 * Only for JSON that an engine has written: brackets are assumed to match. Throws a
 * SyntaxError if the text ends too early, and a NotJson if it contains something that
 * JSON does not allow, such as the comments that an engine accepts from a client.
 */

/** A complete text that is not JSON. */
export class NotJson extends SyntaxError {}

/** A document that is nested too deeply to scan. */
export class TooDeep extends Error {}

/**
 * Visits the members of the object that begins at `start`. `visit` receives the
 * positions where the name begins and ends, quotes included, and where the value
 * begins; it returns where the value ends.
 *
 * @returns the position after the object
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

/** A name as an engine writes it, to compare it without creating a string. */
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

/** Like `eachMember`, for a list. */
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

/** The non-negative integer that begins at a position. */
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

/**
 * What a byte outside of strings means; 0 stands for bytes that JSON does not allow.
 */
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
 * @returns the position after the value that begins at `start`
 * @throws {TooDeep} if it is nested deeper than this many levels
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
  // the value is never a number or a word alone
  throw new SyntaxError("JSON ends too early");
}

/** Short strings are scanned here, since starting a search costs more. */
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

/** @returns where the next member or element begins, or else the position of `end` */
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
