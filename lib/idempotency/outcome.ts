import { KuzzleError, type KuzzleRequest } from "kuzzle";

import type { AskedWrite } from "../core/commands";
import {
  askedDocument,
  askedOperation,
  toRawSource,
} from "../core/validation/writeInput";
import { batchError, type ErrorId } from "../errors";
import { bodyOf } from "../kuzzle/request";
import type { Stats, WriteInput } from "../types";

/*
 * What is stored of a response or an error, and how a repeated request is answered from
 * it. The repeated request has the sources and documents again, so outcomes are enough.
 */

/** The part of a response that can be repeated. */
export interface RepeatableAnswer {
  /** what was done; each response has one of the two */
  readonly successes?: ReadonlyArray<{ readonly position: number }>;
  readonly results?: ReadonlyArray<{ readonly position: number }>;
  readonly errors: ReadonlyArray<{ readonly position: number }>;
  readonly stats: Stats;
}

export interface StoredError {
  readonly id: string;
  readonly message: string;
  readonly status: number;
  readonly code: number;
  readonly props?: string[];
  readonly errors?: object[];
}

/** The outcome of the first run is unknown, and so is that of each document. */
export function abandoned(request: KuzzleRequest): Error {
  const errors = documentsOf(request).map((asked, position) => ({
    ...asked,
    position,
    status: 500,
    code: "unknown_outcome",
    reason: "The node that ran the first request has stopped.",
    retryable: false,
  }));
  return batchError("batch.idempotency.abandoned", {}, errors);
}

export function stripAnswer(answer: RepeatableAnswer): RepeatableAnswer {
  return {
    ...answer,
    ...mapDone(answer, (each) => {
      const { _source, ...rest } = each as typeof each & { _source?: unknown };
      return { ...rest, hadSource: _source !== undefined };
    }),
    errors: answer.errors.map(stripDocument),
  };
}

type Done = { readonly position: number };

function mapDone(
  { successes, results }: RepeatableAnswer,
  change: (each: Done) => Done,
): Pick<RepeatableAnswer, "successes" | "results"> {
  return {
    ...(successes && { successes: successes.map(change) }),
    ...(results && { results: results.map(change) }),
  };
}

function stripDocument<Entry extends object>(entry: Entry): Entry {
  const { document, ...rest } = entry as Entry & { document?: unknown };
  return rest as Entry;
}

export function reviveAnswer(
  answer: RepeatableAnswer,
  request: KuzzleRequest,
): RepeatableAnswer {
  const documents = documentsOf(request);
  // only here is the whole source in the request: an update has a part of it, and
  // others have metadata next to it
  const bodyIsSource = request.input.action === "mWrite";
  return {
    ...answer,
    ...mapDone(answer, (each) => {
      const { hadSource, ...rest } = each as typeof each & {
        hadSource: boolean;
      };
      return hadSource && bodyIsSource
        ? { ...rest, _source: contentOf(documents[each.position]?.document) }
        : rest;
    }),
    errors: answer.errors.map((each) => reviveDocument(each, documents)),
    stats: { ...answer.stats, replayed: true },
  };
}

function reviveDocument<Entry extends object>(
  entry: Entry,
  documents: readonly AskedWrite[],
): Entry {
  const { position } = entry as { position?: number };
  return position === undefined
    ? entry
    : { document: documents[position]?.document, ...entry };
}

/** The document was written, so its text is well formed. */
function contentOf(document: WriteInput | undefined): unknown {
  return typeof document?.json === "string"
    ? toRawSource(document.json)
    : document?.body;
}

/** The documents or operations of the repeated request, by position. */
function documentsOf(request: KuzzleRequest): AskedWrite[] {
  const { documents, operations } = bodyOf(request);
  const { collection } = request.input.args as { collection?: string };
  if (request.input.action === "batchWrite") {
    return listOf(operations).map((each) => askedOperation(each, collection));
  }
  return listOf(documents).map((each) => ({ document: askedDocument(each) }));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Rejected before anything was done; such errors may also be large. */
const REFUSED: ReadonlySet<string> = new Set<ErrorId>([
  "batch.write.refused",
  "batch.update.refused",
]);

/** With 503 these errors say that the same request should be sent again. */
const NOTHING_DONE: ReadonlySet<string> = new Set<ErrorId>([
  "batch.engine.unavailable",
  "batch.write.rolled_back",
]);

function isNothingDone({ id, status }: KuzzleError): boolean {
  return REFUSED.has(id) || (status === 503 && NOTHING_DONE.has(id));
}

/** @returns undefined if certainly nothing was done, so that it may be done now */
export function storableError(error: unknown): StoredError | undefined {
  if (!(error instanceof KuzzleError)) {
    return {
      id: "plugin.runtime.unexpected_error",
      message: String(error),
      status: 500,
      code: 0,
    };
  }
  if (isNothingDone(error)) {
    return undefined;
  }
  const { id, message, status, code, props } = error;
  const { errors } = error as { errors?: object[] };
  return {
    id,
    message,
    status,
    code,
    props,
    ...(errors && { errors: errors.map(stripDocument) }),
  };
}

export function revivedError(
  stored: StoredError,
  request: KuzzleRequest,
): Error {
  const documents = documentsOf(request);
  const errors = stored.errors?.map((each) => reviveDocument(each, documents));
  return new ReplayedError(stored, errors);
}

/** Repeats the first response, if that was an error. */
class ReplayedError extends KuzzleError {
  constructor(
    { id, message, status, code, props }: StoredError,
    private readonly errors: object[] | undefined,
  ) {
    super(message, status, id, code);
    if (props !== undefined) {
      this.props = props;
    }
  }

  override toJSON(): ReturnType<KuzzleError["toJSON"]> {
    const { errors } = this;
    return errors === undefined
      ? super.toJSON()
      : { ...super.toJSON(), count: errors.length, errors };
  }
}
