/**
 * Finds values in JSON, as UTF-8, without parsing them: a source that is put back
 * has to be the same to the byte, numbers beyond 2^53 do not survive parsing, and
 * what is only passed on need not be parsed at all.
 *
 * For what an engine has written: brackets are taken to match. A SyntaxError is
 * thrown where it ends too early, and where it has what JSON has not, such as the
 * comments and the NaN that an engine may have taken from a client.
 */

/**
 * Visits the members of the object that begins at `start`. `visit` is told where
 * a value begins, and tells where it ends.
 *
 * @returns the position behind the object
 */
export function eachMember(
  json: Buffer,
  start: number,
  visit: (name: string, valueStart: number) => number,
): number {
  let at = skipSpace(json, skipSpace(json, start) + 1);

  while (json[at] !== BRACE_CLOSED) {
    const keyEnd = endOfValue(json, at);
    const valueStart = skipSpace(json, skipSpace(json, keyEnd) + 1);
    at = afterComma(json, visit(stringAt(json, at, keyEnd), valueStart));
  }
  return at + 1;
}

/** As `eachMember`, for a list. */
export function eachElement(
  json: Buffer,
  start: number,
  visit: (valueStart: number) => number,
): number {
  let at = skipSpace(json, skipSpace(json, start) + 1);

  while (json[at] !== BRACKET_CLOSED) {
    at = afterComma(json, visit(at));
  }
  return at + 1;
}

/** The string that stands, in its quotes, between two positions. */
export function stringAt(json: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    const byte = json[at] as number;
    if (byte === BACKSLASH || byte > LAST_ASCII) {
      return JSON.parse(json.toString("utf8", start, end)) as string;
    }
  }
  return json.toString("latin1", start + 1, end - 1);
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACKET_CLOSED = 0x5d;
const BRACE_CLOSED = 0x7d;
const LAST_ASCII = 0x7f;

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

/** @returns the position behind the value that begins at `start` */
export function endOfValue(json: Buffer, start: number): number {
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
        depth++;
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
        throw new SyntaxError(`what stands at ${at} is not JSON`);
    }
    at++;
  }
  // a number or a word alone is not what this is given
  throw new SyntaxError("JSON ends too early");
}

function endOfString(json: Buffer, start: number): number {
  const { length } = json;
  for (let at = start + 1; at < length; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      return at + 1;
    }
    if (byte === BACKSLASH) {
      at++;
    }
  }
  throw new SyntaxError("JSON ends within a string");
}

function afterComma(json: Buffer, at: number): number {
  const next = skipSpace(json, at);
  return json[next] === COMMA ? skipSpace(json, next + 1) : next;
}

function skipSpace(json: Buffer, start: number): number {
  let at = start;
  while (at < json.length && (json[at] as number) <= SPACE) {
    at++;
  }
  return at;
}
