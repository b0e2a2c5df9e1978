/**
 * The plain data that passes through the house: what was asked, what became of
 * each document, what is answered. Imports nothing of lib.
 */

/** Where a document lives. */
export interface Address {
  readonly collection: string;
  readonly _id: string;
}

/** A document's content, as Kuzzle users write it. */
export type Source = Record<string, unknown>;

/** As a Buffer is; this file is read for browsers too. */
interface EngineBytes {
  toString(encoding: "utf8", start: number, end: number): string;
}

/** What `stringify` leaves open in its text, and fills in afterwards. */
let collected: { texts: string[]; placeholder: string } | undefined;

/**
 * A document's content as JSON that is only passed on, as the engine keeps it or a
 * caller has sent it. Who makes JSON of it the ordinary way still gets what it means.
 */
export class RawSource {
  /** It stands between two positions of the engine's answer, as UTF-8. */
  constructor(
    readonly answer: EngineBytes,
    readonly start: number,
    readonly end: number,
  ) {}

  static ofText(text: string): RawSource {
    return new RawSource({ toString: () => text }, 0, text.length);
  }

  /** Bytes of an engine's answer, or about as many as a text has. */
  get length(): number {
    return this.end - this.start;
  }

  /** JSON of a value with sources anywhere in it, each as its own text. */
  static stringify(value: unknown, indent?: number): string {
    const texts: string[] = [];
    const placeholder = globalThis.crypto.randomUUID();
    collected = { texts, placeholder };
    try {
      const [first = "", ...rest] = JSON.stringify(
        value,
        undefined,
        indent,
      ).split(`"${placeholder}"`);
      return rest.reduce((all, part, i) => `${all}${texts[i]}${part}`, first);
    } finally {
      collected = undefined;
    }
  }

  toJSON(): Source | string {
    if (collected !== undefined) {
      collected.texts.push(this.toString());
      return collected.placeholder;
    }
    return this.parse();
  }

  /** Numbers beyond a double are rounded. */
  parse(): Source {
    return JSON.parse(this.toString()) as Source;
  }

  /** @returns the JSON text */
  toString(): string {
    return this.answer.toString("utf8", this.start, this.end);
  }
}

export function sourceOf({
  _source,
}: {
  readonly _source?: Source | RawSource | undefined;
}): Source | undefined {
  return _source && parsedContent(_source);
}

export function parsedContent(content: Source | RawSource): Source {
  return content instanceof RawSource ? content.parse() : content;
}

/** @returns JSON */
export function jsonOf(content: Source | RawSource): string {
  return content instanceof RawSource
    ? content.toString()
    : JSON.stringify(content);
}

/** Why an item failed, in words that a program can compare. */
export type FailureCode =
  | "invalid"
  | "not_found"
  | "forbidden"
  | "version_conflict"
  | "mapping"
  | "rejected"
  | "unavailable"
  | "too_large"
  | "unknown_outcome"
  | "other";

/**
 * What went wrong with one item.
 *
 * - `status`: the HTTP status that the item alone would have had
 * - `retryable`: the same item may be sent again without risk and may then
 *   succeed
 */
export interface Failure {
  readonly status: number;
  readonly code: FailureCode;
  readonly reason: string;
  readonly retryable: boolean;
}

/** What became of one item: its value, or why there is none. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** An outcome that is final, with the number of times the item was sent. */
export type ItemResult<Value> = Outcome<Value> & { readonly attempts: number };

/** Which part of the sources is wanted. Field names may hold `*`. */
export type SourceSelection =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  | {
      readonly kind: "fields";
      readonly includes: readonly string[];
      readonly excludes: readonly string[];
    };

/** `refresh` of a write: `wait_for` answers when searches see the documents. */
export type Refresh = "false" | "wait_for";

/** What a request and its answer may hold on this server, all of them whole numbers. */
export interface ServerLimits {
  /** Kuzzle's `server.maxRequestSize`: of a body over HTTP, else of a whole message */
  readonly maxRequestBytes: number;
  /** ids of a batchGet */
  readonly documentsFetchCount: number;
  /** documents of an mUpdate */
  readonly documentsWriteCount: number;
  /** ids without a collection, times the collections of the index */
  readonly maxLookups: number;
  /** documents of a batchGet's answer; the rest is `unprocessed` */
  readonly maxResponseBytes: number;
  readonly atomicMaxDocuments: number;
  readonly atomicMaxBytes: number;
}

/** A defect of one item of a request, seen before anything is sent. */
export interface ValidationError<Asked> {
  readonly position: number;
  readonly asked: Asked;
  readonly failure: Failure;
}

// ---------------------------------------------------------------- stats

/** What a request cost. Counts are documents unless named otherwise. */
export interface Stats {
  requested: number;
  unique: number;
  duplicates: number;
  notFound?: number;
  found?: number;
  written?: number;
  updated?: number;
  errors: number;
  conflicts: number;
  retries: number;
  /** calls to the engine that it took part in, those sent again included */
  engineCalls: number;
  /** sum over the calls, which may have run side by side, in milliseconds */
  engineTookMs: number;
  /** sum of what its parts of calls waited to be sent, in milliseconds */
  queueMs: number;
  tookMs: number;
  /** it is the first answer to an idempotency key, again */
  replayed?: true;
}

// ------------------------------------------------------------- batchGet

/** One document that a request asks for. */
export interface RequestedDocument {
  /** place in the request's list, from 0 */
  readonly position: number;
  readonly _id: string;
  /** absent: look in every collection that the caller may read */
  readonly collection?: string;
  /** asked in `documents`, not in `ids`: the answer names the collection */
  readonly byAddress: boolean;
}

export interface GetCommand {
  readonly index: string;
  /** the number of entries in the request's list, defects included */
  readonly requested: number;
  readonly asked: readonly RequestedDocument[];
  readonly validationErrors: readonly ValidationError<unknown>[];
  /** where ids without a collection are looked up */
  readonly collections: readonly string[];
  readonly source: SourceSelection;
  /** nobody looks into the sources: they are passed on as they are */
  readonly isRaw: boolean;
  /** what does not fit into an answer of this size is left for a next one */
  readonly maxResponseBytes: number;
}

/** What the engine holds at an address. */
export interface StoredDocument {
  readonly _id: string;
  readonly _source?: Source | RawSource;
  /** in an answer with `json`: the text that the engine holds, in place of `_source` */
  readonly json?: string;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

export interface FoundDocument extends StoredDocument {
  readonly index: string;
  readonly collection: string;
}

/** An entry of `not_found`: as it was asked. */
export type NotFound = string | Address;

export interface GetError extends Failure {
  /** as it was asked, which may be no string at all */
  readonly _id: unknown;
  readonly collection?: string;
  readonly position: number;
}

export interface GetResult {
  readonly documents: FoundDocument[];
  /** those that the engine has nowhere where they had to be looked for */
  readonly missing: RequestedDocument[];
  readonly errors: GetError[];
  /** those that did not fit into the answer */
  readonly unprocessed: RequestedDocument[];
  readonly stats: Stats;
}

// --------------------------------------------------------------- writes

/** Only write when the document is still what the caller has seen. */
export interface Precondition {
  readonly ifSeqNo: number;
  readonly ifPrimaryTerm: number;
}

/** One document of a write or an update, found to be well formed. */
export interface WriteDocument {
  readonly position: number;
  readonly _id: string;
  /** sent as text, in `json`, when it is not parsed */
  readonly body: Source | RawSource;
  readonly ifAbsent?: boolean;
  readonly precondition?: Precondition;
}

/** A document of a request as the caller sent it, for the errors. */
export interface WriteInput {
  readonly _id: unknown;
  readonly body?: unknown;
  readonly json?: unknown;
}

export function inputOf({ _id, body }: WriteDocument): WriteInput {
  return body instanceof RawSource
    ? { _id, json: body.toString() }
    : { _id, body };
}

export interface WriteCommand {
  readonly index: string;
  readonly collection: string;
  readonly requested: number;
  readonly documents: readonly WriteDocument[];
  readonly validationErrors: readonly ValidationError<WriteInput>[];
  readonly refresh: Refresh;
  readonly strict: boolean;
}

export interface WriteError extends Failure {
  readonly document: WriteInput;
  readonly position: number;
}

export interface WrittenDocument {
  readonly _id: string;
  readonly _source?: Source | RawSource;
  /** in an answer with `json`: the text that was written, in place of `_source` */
  readonly json?: string;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly created: boolean;
  readonly position: number;
}

/** How far a strict batch came: all of it, nothing of it, or a part. */
export type Completeness = "complete" | "refused" | "incomplete";

export interface WriteResult<Success = WrittenDocument> {
  readonly completeness: Completeness;
  /** how many of `stats.retries` were for a version conflict */
  readonly conflictRetries: number;
  readonly successes: Success[];
  readonly errors: WriteError[];
  readonly stats: Stats;
  /** of an atomic batch that was committed */
  readonly journalId?: string;
}

// -------------------------------------------------------------- updates

export interface UpdateCommand extends WriteCommand {
  /** how often a version conflict of one document is tried again */
  readonly retryOnConflict: number;
  /** the updated source must come back from the engine */
  readonly fetchSource: boolean;
  /** added to every document, as `_kuzzle_info` */
  readonly metadata: Source;
}

export interface Shards {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
}

export interface UpdatedDocument {
  readonly _id: string;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly _shards: Shards;
  readonly result: string;
  /** the engine's HTTP status of this item */
  readonly status: number;
  /** how often the document was sent, 1 when nothing was in the way */
  readonly attempts: number;
  readonly position: number;
  readonly _source?: Source | RawSource;
  /** in an answer with `json`: the text that the engine holds, in place of `_source` */
  readonly json?: string;
}
