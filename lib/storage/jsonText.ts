/**
 * Finds values in JSON text without parsing them: a source that is put back has
 * to be the same to the byte, and numbers beyond 2^53 do not survive parsing.
 * Only for text that an engine has written, which is valid as far as it goes:
 * where it ends too early, a SyntaxError is thrown.
 */

/** The raw text of each member of the object that begins at `start`. */
export function members(text: string, start = 0): Map<string, string> {
  const found = new Map<string, string>();
  let at = skipSpace(text, skipSpace(text, start) + 1);

  while (text[at] !== "}") {
    const keyEnd = endOfValue(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    found.set(key, text.slice(valueStart, valueEnd));
    at = afterComma(text, valueEnd);
  }
  return found;
}

/** The raw text of each element of an array. */
export function elements(text: string): string[] {
  const found: string[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);

  while (text[at] !== "]") {
    const end = endOfValue(text, at);
    found.push(text.slice(at, end));
    at = afterComma(text, end);
  }
  return found;
}

function afterComma(text: string, at: number): number {
  const next = skipSpace(text, at);
  return text[next] === "," ? skipSpace(text, next + 1) : next;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= SPACE) {
    at++;
  }
  return at;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKETS_OPEN = new Set([0x5b, 0x7b]);
const BRACKETS_CLOSED = new Set([0x5d, 0x7d]);
const COMMA = 0x2c;

/** @returns the position behind the value that begins at `start` */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) {
      // a number or a word alone is not what these functions are given
      throw new SyntaxError("JSON text ends too early");
    }
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (depth === 0) {
        return at;
      }
      continue;
    }
    if (BRACKETS_OPEN.has(code)) {
      depth++;
    } else if (BRACKETS_CLOSED.has(code)) {
      if (depth === 0) {
        return at;
      }
      depth--;
      if (depth === 0) {
        return at + 1;
      }
    } else if (depth === 0 && (code === COMMA || code <= SPACE)) {
      return at;
    }
    at++;
  }
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  if (end === -1) {
    throw new SyntaxError("JSON text ends within a string");
  }
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) {
    backslashes++;
  }
  return backslashes % 2 === 1;
}
