import assert from "node:assert";

import type { Source } from "../types";
import { RawSource } from "../core/RawSource";
import type { StoredDocument } from "../core/documents";
import type { Outcome } from "../core/outcome";
import type { RawDocument } from "../core/ports/DocumentStore";
import { itemFailure, type EngineCause } from "./errorClassifier";
import { MISSING } from "./multiGet";

/** An entry of a multi-get's answer. */
export interface EngineDocument {
  readonly _id: string;
  readonly found?: boolean;
  readonly error?: EngineCause;
  readonly _source?: Source;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

export function toGetOutcome(
  answer: EngineDocument,
): Outcome<StoredDocument | null> {
  if (answer.error !== undefined) {
    return {
      ok: false,
      failure: itemFailure(answer.error, undefined, "read", false),
    };
  }
  assert(answer.found !== undefined, "the engine says neither yes nor no");
  if (!answer.found) {
    return MISSING;
  }
  const { _id, _source, _version, _seq_no, _primary_term } = answer;
  return {
    ok: true,
    value: {
      _id,
      ...(_source !== undefined && { _source }),
      _version,
      _seq_no,
      _primary_term,
    },
  };
}

export function toRawOutcome(
  outcome: Outcome<StoredDocument | null>,
): Outcome<RawDocument | null> {
  if (!outcome.ok || outcome.value === null) {
    return outcome as Outcome<null>;
  }
  const { _source, _version, _seq_no, _primary_term } = outcome.value;
  const sourceText = _source instanceof RawSource ? String(_source) : "{}";
  return {
    ok: true,
    value: {
      sourceText: onOneLine(sourceText),
      version: _version,
      seqNo: _seq_no,
      primaryTerm: _primary_term,
    },
  };
}

/**
 * Somebody who wrote it by hand may have set it in lines, of which a bulk can't
 * have any. In JSON these are nothing but space.
 */
function onOneLine(sourceText: string): string {
  return sourceText.replace(/[\r\n]/g, " ");
}
