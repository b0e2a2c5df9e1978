import assert from "node:assert";

import type { DocumentVersion, Shards } from "../types";
import type { RawSource } from "../core/RawSource";
import type { Outcome } from "../core/outcome";
import type { BulkDone, BulkItem } from "../core/ports/DocumentStore";
import { itemFailure, type EngineCause } from "./errorClassifier";

interface EngineBulkItem extends DocumentVersion {
  readonly _shards: Shards;
  readonly result: string;
  readonly status: number;
  readonly error?: EngineCause;
  readonly get?: { readonly _source?: RawSource };
}

export interface EngineBulk {
  readonly took: number;
  readonly items: readonly EngineBulkAnswer[];
}

type EngineBulkAnswer = Partial<Record<string, EngineBulkItem>>;

/** Of a delete, the engine answers this as a result; an error is that the index is missing. */
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
