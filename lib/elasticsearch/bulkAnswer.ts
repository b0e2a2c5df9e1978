import { RawSource } from "../core/RawSource";
import {
  eachElement,
  eachMember,
  endOfValue,
  isName,
  nameBytes,
} from "./jsonBytes";

const ITEMS = nameBytes("items");
const GET = nameBytes("get");
const SOURCE = nameBytes("_source");
const GET_MEMBER = Buffer.from('"get":');

/**
 * Parses the answer to a bulk, but for the sources of documents that were updated:
 * in `items[i].update.get`, those are as the engine has sent them.
 *
 * @throws {SyntaxError} when it breaks off
 */
export function readBulk(json: Buffer): unknown {
  if (!json.includes(GET_MEMBER)) {
    return JSON.parse(json.toString("utf8"));
  }
  const sources = findSources(json);
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of sources) {
    parts.push(json.toString("utf8", from, start), "null");
    from = end;
  }
  parts.push(json.toString("utf8", from));

  const answer = JSON.parse(parts.join("")) as {
    items: Array<Record<string, { get: { _source: unknown } }>>;
  };
  for (const { item, start, end } of sources) {
    for (const done of Object.values(answer.items[item] ?? {})) {
      done.get._source = new RawSource(json, start, end);
    }
  }
  return answer;
}

/** A source in the answer, and the position of its item. */
interface FoundSource {
  readonly item: number;
  readonly start: number;
  readonly end: number;
}

function findSources(json: Buffer): FoundSource[] {
  const found: FoundSource[] = [];
  let item = 0;

  function visitGet(name: number, nameEnd: number, start: number): number {
    const end = endOfValue(json, start);
    if (isName(json, name, nameEnd, SOURCE)) {
      found.push({ item, start, end });
    }
    return end;
  }
  function visitResult(name: number, nameEnd: number, start: number): number {
    return isName(json, name, nameEnd, GET)
      ? eachMember(json, start, visitGet)
      : endOfValue(json, start);
  }
  function visitItem(start: number): number {
    const end = eachMember(json, start, (_name, _nameEnd, at) =>
      eachMember(json, at, visitResult),
    );
    item++;
    return end;
  }
  eachMember(json, 0, (name, nameEnd, start) =>
    isName(json, name, nameEnd, ITEMS)
      ? eachElement(json, start, visitItem)
      : endOfValue(json, start),
  );
  return found;
}
