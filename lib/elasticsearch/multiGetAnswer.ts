import assert from "node:assert";

import type { Address, Source } from "../types";
import { RawSource } from "../core/RawSource";
import type { StoredDocument } from "../core/documents";
import { NOT_JSON, type Outcome } from "../core/outcome";
import type { RawDocument } from "../core/ports/DocumentStore";
import { endOfAnswer, startOfDocument } from "./documentBounds";
import { itemFailure, type EngineCause } from "./errorClassifier";
import {
  countAt,
  eachElement,
  eachMember,
  endOfValue,
  isName,
  nameBytes,
  NotJson,
} from "../core/jsonBytes";

type GetOutcome = Outcome<StoredDocument | null>;

/** Shared by all of them: of 1000 ids in 20 collections, 19,000 are missing. */
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
 * Reads the response to a multi-get in one pass, without parsing the sources. A source
 * that is not JSON only fails its own document.
 *
 * @param addresses as requested; the engine answers in their order
 * @param ofNotJson returns the outcome of a document whose source is not JSON
 * @throws {SyntaxError} when it is incomplete
 */
export function readMultiGet(
  json: Buffer,
  addresses: readonly Address[],
  ofNotJson: (document: StoredDocument) => GetOutcome = failed,
): GetOutcome[] {
  const outcomes: GetOutcome[] = [];
  const document = new DocumentReader(json, addresses, ofNotJson);
  eachMember(json, 0, (name, nameEnd, start) =>
    isName(json, name, nameEnd, NAMES.docs)
      ? eachElement(json, start, (at) => {
          const missingEnd = endOfMissing(json, at);
          if (missingEnd !== undefined) {
            outcomes.push(MISSING);
            return missingEnd;
          }
          const end = document.read(at, outcomes.length);
          outcomes.push(document.outcome());
          return end;
        })
      : endOfValue(json, start),
  );
  return outcomes;
}

function failed(): GetOutcome {
  return { ok: false, failure: NOT_JSON };
}

/**
 * Recognizes a missing document without reading its members: it has no object in it,
 * and says so at its end. When a whole index is searched, most documents are missing.
 * In a string, the quotes around the name would be escaped.
 *
 * @returns the position after it; undefined if it is not recognized
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

/** One for all documents of a response, so that no object is created per member. */
class DocumentReader {
  private found: boolean | undefined;
  private error: EngineCause | undefined;
  private source: RawSource | undefined;
  private version = 0;
  private seqNo = 0;
  private primaryTerm = 0;
  private sourceStart = 0;
  private isJson = true;
  private position = 0;

  constructor(
    private readonly json: Buffer,
    private readonly addresses: readonly Address[],
    private readonly ofNotJson: (document: StoredDocument) => GetOutcome,
  ) {}

  /**
   * @param position of the document's address
   * @returns the position after the document
   */
  read(start: number, position: number): number {
    this.position = position;
    this.found = undefined;
    this.error = undefined;
    this.source = undefined;
    this.version = this.seqNo = this.primaryTerm = 0;
    this.sourceStart = 0;
    this.isJson = true;
    try {
      return eachMember(this.json, start, this.readMember);
    } catch (error) {
      if (!(error instanceof NotJson) || this.sourceStart === 0) {
        throw error;
      }
      return this.skipNotJson();
    }
  }

  /**
   * The source is the last member of a document and may be anything. It ends where the
   * next document begins, or where the response ends.
   */
  private skipNotJson(): number {
    const { json, sourceStart, position, addresses } = this;
    const next = addresses[position + 1];
    const end =
      next === undefined
        ? endOfAnswer(json)
        : startOfDocument(json, sourceStart, next._id);
    this.isJson = false;
    this.source = new RawSource(json, sourceStart, end);
    return end + 1;
  }

  outcome(): GetOutcome {
    const asked = this.addresses[this.position];
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
    return this.isJson ? { ok: true, value } : this.ofNotJson(value);
  }

  private readonly readMember = (
    name: number,
    nameEnd: number,
    at: number,
  ): number => {
    const { json } = this;
    if (isName(json, name, nameEnd, NAMES._source)) {
      this.sourceStart = at;
      const sourceEnd = endOfValue(json, at);
      this.source = new RawSource(json, at, sourceEnd);
      return sourceEnd;
    }
    const end = endOfValue(json, at);
    if (isName(json, name, nameEnd, NAMES._version)) {
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

/** An entry of a multi-get response. */
interface EngineDocument {
  readonly _id: string;
  readonly found?: boolean;
  readonly error?: EngineCause;
  readonly _source?: Source;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

/** Like `readMultiGet`, with parsed sources. */
export function parseMultiGet(
  json: Buffer,
  addresses: readonly Address[],
): Outcome<StoredDocument | null>[] {
  let answer: { readonly docs: readonly EngineDocument[] };
  try {
    answer = JSON.parse(json.toString("utf8")) as typeof answer;
  } catch {
    // one of them is not JSON, which must not fail the others
    return readMultiGet(json, addresses).map(toParsed);
  }
  return answer.docs.map(toGetOutcome);
}

function toParsed(
  outcome: Outcome<StoredDocument | null>,
): Outcome<StoredDocument | null> {
  const source = outcome.ok ? outcome.value?._source : undefined;
  return outcome.ok && outcome.value !== null && source instanceof RawSource
    ? { ok: true, value: { ...outcome.value, _source: source.parse() } }
    : outcome;
}

function toGetOutcome(answer: EngineDocument): Outcome<StoredDocument | null> {
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

/** Like `readMultiGet`, each byte for byte, even what is not JSON. */
export function readRawDocuments(
  json: Buffer,
  addresses: readonly Address[],
): Outcome<RawDocument | null>[] {
  const notJson = new Set<StoredDocument>();
  const outcomes = readMultiGet(json, addresses, (document) => {
    notJson.add(document);
    return { ok: true, value: document };
  });
  return outcomes.map((outcome) =>
    outcome.ok && outcome.value !== null
      ? {
          ok: true,
          value: toRaw(outcome.value, !notJson.has(outcome.value)),
        }
      : (outcome as Outcome<null>),
  );
}

function toRaw(document: StoredDocument, isJson: boolean): RawDocument {
  const { _source, _version, _seq_no, _primary_term } = document;
  const text = _source instanceof RawSource ? String(_source) : "{}";
  return {
    sourceText: onOneLine(text),
    ...(!isJson && { notJson: true }),
    version: _version,
    seqNo: _seq_no,
    primaryTerm: _primary_term,
  };
}

/**
 * A person who wrote it may have formatted it in several lines, which a bulk can't
 * have. In JSON, line breaks are mere white space.
 */
function onOneLine(sourceText: string): string {
  return sourceText.replace(/[\r\n]/g, " ");
}
