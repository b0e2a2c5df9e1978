/**
 * Finds where documents end in a multi-get response in which one of them is not JSON.
 */
import { endOfValue, nameBytes } from "../core/jsonBytes";

/** Unambiguous, since quotes in a string would be escaped. */
const NEXT_DOCUMENT = Buffer.from('},{"_index":"');
const ANSWER_END = Buffer.from("}]}");
const ID = nameBytes("_id");

/** @returns the position of the brace that closes the last document */
export function endOfAnswer(json: Buffer): number {
  const end = json.length - ANSWER_END.length;
  if (!json.subarray(end).equals(ANSWER_END)) {
    throw new SyntaxError("JSON ends too early");
  }
  return end;
}

/** @returns the position of the brace before the document with this id */
export function startOfDocument(
  json: Buffer,
  from: number,
  id: string,
): number {
  for (
    let at = json.indexOf(NEXT_DOCUMENT, from);
    at !== -1;
    at = json.indexOf(NEXT_DOCUMENT, at + 1)
  ) {
    const idStart = json.indexOf(ID, at) + ID.length + 1;
    const idEnd = endOfValue(json, idStart);
    if (JSON.parse(json.toString("utf8", idStart, idEnd)) === id) {
      return at;
    }
  }
  throw new SyntaxError("JSON ends too early");
}
