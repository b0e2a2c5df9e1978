/**
 * Reads JSON as text: values are passed on as they are written, since numbers beyond
 * 2^53 do not survive parsing. For JSON that a server has written: brackets match.
 */

/** The members of the object that begins at `start`: names, and values as text. */
export function* membersOf(
  json: string,
  start = 0,
): Generator<[name: string, value: string]> {
  let at = skipSpace(json, skipSpace(json, start) + 1);
  while (json[at] !== "}") {
    const nameEnd = endOfString(json, at);
    const name = JSON.parse(json.slice(at, nameEnd)) as string;
    const valueStart = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const valueEnd = endOfValue(json, valueStart);
    yield [name, json.slice(valueStart, valueEnd)];
    at = skipSpace(json, valueEnd);
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
}

function endOfValue(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at) - 1;
        if (depth === 0) return at + 1;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (depth === 0) return at;
        depth -= 1;
        if (depth === 0) return at + 1;
        break;
      case COMMA:
      case SPACE:
      case LF:
      case CR:
      case TAB:
        if (depth === 0) return at;
    }
  }
  throw new SyntaxError("JSON ends too early");
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = json.indexOf('"', at);
    if (at === -1) throw new SyntaxError("JSON ends within a string");
    let unescaped = at;
    while (json.charCodeAt(unescaped - 1) === BACKSLASH) unescaped -= 1;
    if ((at - unescaped) % 2 === 0) return at + 1;
  }
}

function skipSpace(json: string, start: number): number {
  let at = start;
  while (json.charCodeAt(at) <= SPACE) at += 1;
  return at;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;
const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
