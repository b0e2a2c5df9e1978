import assert from "node:assert";

import type { DocumentVersion, Shards } from "../types";
import { RawSource } from "../core/RawSource";
import type { Outcome } from "../core/outcome";
import type { BulkDone, BulkItem } from "../core/ports/DocumentStore";
import { itemFailure, type EngineCause } from "./errorClassifier";
import {
  eachElement,
  eachMember,
  endOfValue,
  isName,
  nameBytes,
} from "../core/jsonBytes";

interface EngineBulkItem extends DocumentVersion {
  readonly _shards: Shards;
  readonly result: string;
  readonly status: number;
  readonly error?: EngineCause;
  readonly get?: { _source?: RawSource };
}

export interface EngineBulk {
  readonly took: number;
  readonly items: readonly EngineBulkAnswer[];
}

type EngineBulkAnswer = Partial<Record<string, EngineBulkItem>>;

const ITEMS = nameBytes("items");
const GET = nameBytes("get");
const SOURCE = nameBytes("_source");
const GET_MEMBER = Buffer.from('"get":');

/**
 * Parses the response to a bulk, except for the sources of updated documents: in
 * `items[i].update.get`, they stay as the engine sent them.
 *
 * @throws {SyntaxError} when it is incomplete
 */
export function readBulk(json: Buffer): EngineBulk {
  if (!json.includes(GET_MEMBER)) {
    return JSON.parse(json.toString("utf8")) as EngineBulk;
  }
  const sources = findSources(json);
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of sources) {
    parts.push(json.toString("utf8", from, start), "null");
    from = end;
  }
  parts.push(json.toString("utf8", from));

  const answer = JSON.parse(parts.join("")) as EngineBulk;
  for (const { item, start, end } of sources) {
    for (const done of Object.values(answer.items[item] ?? {})) {
      if (done?.get !== undefined) {
        done.get._source = new RawSource(json, start, end);
      }
    }
  }
  return answer;
}

/** A source in the response, and the position of its item. */
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

/**
 * For a delete, the engine reports this as a result; an error means that the index is
 * missing.
 */
const DOCUMENT_MISSING: EngineCause = {
  type: "document_missing_exception",
  reason: "There is no such document.",
};

export function toBulkOutcome(
  answer: EngineBulkAnswer,
  item: BulkItem,
): Outcome<BulkDone> {
  const done = answer[item.operation];
  assert(done !== undefined, `the engine does not answer to ${item.operation}`);
  if (done.error !== undefined) {
    const conflictPasses =
      item.operation === "update" && item.precondition === undefined;
    return {
      ok: false,
      failure: itemFailure(done.error, done.status, "write", conflictPasses),
    };
  }
  if (item.operation === "delete" && done.status === 404) {
    return {
      ok: false,
      failure: itemFailure(DOCUMENT_MISSING, 404, "write", false),
    };
  }
  const { _version, _seq_no, _primary_term, _shards, result, status } = done;
  return {
    ok: true,
    value: {
      _version,
      _seq_no,
      _primary_term,
      _shards,
      result,
      status,
      ...(done.get?._source && { _source: done.get._source }),
    },
  };
}
