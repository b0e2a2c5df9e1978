import assert from "node:assert";

import type { Address, Source } from "../types";
import { RawSource } from "../core/RawSource";
import type { StoredDocument } from "../core/documents";
import type { Outcome } from "../core/outcome";
import type { RawDocument } from "../core/ports/DocumentStore";
import { itemFailure, type EngineCause } from "./errorClassifier";
import {
  countAt,
  eachElement,
  eachMember,
  endOfValue,
  isName,
  nameBytes,
} from "./jsonBytes";

type GetOutcome = Outcome<StoredDocument | null>;

/** One for all of them: of 1000 ids in 20 collections, 19,000 are missing. */
const MISSING: GetOutcome = { ok: true, value: null };

const NAMES = {
  docs: nameBytes("docs"),
  found: nameBytes("found"),
  error: nameBytes("error"),
  _source: nameBytes("_source"),
  _version: nameBytes("_version"),
  _seq_no: nameBytes("_seq_no"),
  _primary_term: nameBytes("_primary_term"),
} as const;

/**
 * Reads the answer to a multi-get in one pass, without parsing the sources.
 *
 * @param addresses as they were asked, to which the engine answers in their order
 * @throws {SyntaxError} when it breaks off, or a source is no JSON
 */
export function readMultiGet(
  json: Buffer,
  addresses: readonly Address[],
): GetOutcome[] {
  const outcomes: GetOutcome[] = [];
  const document = new DocumentReader(json);
  eachMember(json, 0, (name, nameEnd, start) =>
    isName(json, name, nameEnd, NAMES.docs)
      ? eachElement(json, start, (at) => {
          const missingEnd = endOfMissing(json, at);
          if (missingEnd !== undefined) {
            outcomes.push(MISSING);
            return missingEnd;
          }
          const end = document.read(at);
          outcomes.push(document.outcome(addresses[outcomes.length]));
          return end;
        })
      : endOfValue(json, start),
  );
  return outcomes;
}

/**
 * A document that is not there has no object in it, and tells so at its end: it is
 * known without reading its members, which most are when a whole index is searched.
 * In a string the quotes around the name would be escaped.
 *
 * @returns the position behind it; undefined where that is not known
 */
function endOfMissing(json: Buffer, start: number): number | undefined {
  const end = json.indexOf(BRACE_CLOSED, start) + 1;
  const isFlat = json.lastIndexOf(BRACE_OPEN, end) === start;
  return isFlat && isName(json, end - MISSING_END.length, end, MISSING_END)
    ? end
    : undefined;
}

const BRACE_OPEN = 0x7b;
const BRACE_CLOSED = 0x7d;
const MISSING_END = Buffer.from(',"found":false}');

/** One for all documents of an answer, so that nothing is made for each member. */
class DocumentReader {
  private found: boolean | undefined;
  private error: EngineCause | undefined;
  private source: RawSource | undefined;
  private version = 0;
  private seqNo = 0;
  private primaryTerm = 0;

  constructor(private readonly json: Buffer) {}

  /** @returns the position behind the document */
  read(start: number): number {
    this.found = undefined;
    this.error = undefined;
    this.source = undefined;
    this.version = this.seqNo = this.primaryTerm = 0;
    return eachMember(this.json, start, this.readMember);
  }

  outcome(asked: Address | undefined): GetOutcome {
    if (this.error !== undefined) {
      const failure = itemFailure(this.error, undefined, "read", false);
      return { ok: false, failure };
    }
    assert(this.found !== undefined, "the engine says neither yes nor no");
    if (!this.found) {
      return MISSING;
    }
    assert(asked !== undefined, "the engine answers more than it was asked");
    const value: StoredDocument = {
      _id: asked._id,
      ...(this.source !== undefined && { _source: this.source }),
      _version: this.version,
      _seq_no: this.seqNo,
      _primary_term: this.primaryTerm,
    };
    return { ok: true, value };
  }

  private readonly readMember = (
    name: number,
    nameEnd: number,
    at: number,
  ): number => {
    const { json } = this;
    const end = endOfValue(json, at);
    if (isName(json, name, nameEnd, NAMES._source)) {
      this.source = new RawSource(json, at, end);
    } else if (isName(json, name, nameEnd, NAMES._version)) {
      this.version = countAt(json, at);
    } else if (isName(json, name, nameEnd, NAMES._seq_no)) {
      this.seqNo = countAt(json, at);
    } else if (isName(json, name, nameEnd, NAMES._primary_term)) {
      this.primaryTerm = countAt(json, at);
    } else if (isName(json, name, nameEnd, NAMES.found)) {
      this.found = json[at] === LETTER_T;
    } else if (isName(json, name, nameEnd, NAMES.error)) {
      this.error = JSON.parse(json.toString("utf8", at, end)) as EngineCause;
    }
    return end;
  };
}

const LETTER_T = 0x74;

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

/** What an answer that was parsed as a whole says of a document. */
export function toGetOutcome(answer: EngineDocument): GetOutcome {
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

export function toRawOutcome(outcome: GetOutcome): Outcome<RawDocument | null> {
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
