import { KuzzleError, type KuzzleRequest } from "kuzzle";
import _ from "lodash";
import { createHash } from "node:crypto";

import { batchError, type ErrorId } from "../errors";
import type { Stats, WriteInput } from "../types";
import type { AskedWrite } from "../core/commands";
import { isTooDeep } from "../core/validation/items";
import {
  askedDocument,
  askedOperation,
  toRawSource,
} from "../core/validation/writeInput";
import { ANONYMOUS, bodyOf } from "../kuzzle/request";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";

/** How long the first answer to a key is kept. */
const KEPT_MS = 24 * 3_600_000;

/** What a key stands for, in the cache that all nodes share. */
type KeyRecord =
  | {
      readonly state: "running";
      readonly request: string;
      readonly node: string;
    }
  | {
      readonly state: "done";
      readonly request: string;
      readonly answer: object;
    }
  | {
      readonly state: "failed";
      readonly request: string;
      readonly error: StoredError;
    };

interface StoredError {
  readonly id: string;
  readonly message: string;
  readonly status: number;
  readonly code: number;
  readonly props?: string[];
  readonly errors?: object[];
}

/** A key of a user. */
export interface IdempotencyKey {
  /** the same for the same user and key */
  readonly digest: string;
}

/**
 * The key of a request: its argument, or the header.
 *
 * @throws `batch.request.invalid` when it is no text, or nobody is logged in
 */
export function readKey(request: KuzzleRequest): IdempotencyKey | undefined {
  const { args, headers } = request.input;
  const header: unknown = headers?.["idempotency-key"];
  // an empty argument is a line of a form that was left alone
  const argument: unknown = args.idempotencyKey;
  const key = argument === "" ? header : (argument ?? header);
  if (key === undefined || key === null) {
    return undefined;
  }
  if (typeof key !== "string" || key === "" || key.length > 255) {
    throw batchError("batch.request.invalid", {
      place: "idempotencyKey",
      expected: "a text of 1 to 255 characters",
    });
  }
  const userId = request.getKuid();
  if (userId === null || userId === ANONYMOUS) {
    throw batchError("batch.request.invalid", {
      place: "idempotencyKey",
      expected: "left out: it belongs to a user, and nobody is logged in",
    });
  }
  return { digest: digest([userId, key]) };
}

/**
 * What tells two requests apart: action, arguments as they were understood,
 * and body. Over other protocols than HTTP, a request has more than these, such
 * as its own id, which is never the same twice.
 */
function fingerprint(
  { input: { controller, action, body } }: KuzzleRequest,
  args: object,
): string {
  return digest([controller, action, args, withoutTooDeep(body)]);
}

/** What is too deep is invalid, whatever it is, and could not be made text of. */
function withoutTooDeep(body: unknown): unknown {
  return _.mapValues(body as object, (value: unknown) =>
    Array.isArray(value)
      ? value.map((each: unknown) => (isTooDeep(each) ? null : each))
      : value,
  );
}

/** The id that a document without one is given: the same for a repeat. */
export function derivedId(
  { digest: key }: IdempotencyKey,
  position: number,
): string {
  return digest([key, position]);
}

/** An answer as far as it may be repeated. */
export interface RepeatableAnswer {
  /** what was done; an answer has one of the two */
  readonly successes?: ReadonlyArray<{ readonly position: number }>;
  readonly results?: ReadonlyArray<{ readonly position: number }>;
  readonly errors: ReadonlyArray<{ readonly position: number }>;
  readonly stats: Stats;
}

/** Runs each key's request once, over all nodes, and repeats its answer. */
export class Idempotency {
  /** keys whose request this node is executing */
  private readonly running = new Set<string>();

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly onReplay: () => void,
  ) {}

  /**
   * @param args the request's arguments as they were understood
   * @throws `batch.idempotency.*`, or what the first run has thrown
   */
  async once<Answer extends RepeatableAnswer>(
    request: KuzzleRequest,
    args: object,
    key: IdempotencyKey,
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    const cacheKey = `batch/idempotency/${key.digest}`;
    const running: KeyRecord = {
      state: "running",
      request: fingerprint(request, args),
      node: this.kuzzle.nodeId,
    };
    for (;;) {
      if (await this.kuzzle.cache.addIfNew(cacheKey, running, KEPT_MS)) {
        this.running.add(cacheKey);
        return this.runFirst(cacheKey, running.request, run).finally(() =>
          this.running.delete(cacheKey),
        );
      }
      const known = (await this.kuzzle.cache.get(cacheKey)) as KeyRecord | null;
      // none: nothing came of the first run, and its key is free again
      if (known !== null) {
        return this.repeat(
          request,
          running,
          known,
          cacheKey,
        ) as Promise<Answer>;
      }
    }
  }

  private async runFirst<Answer extends RepeatableAnswer>(
    cacheKey: string,
    request: string,
    run: () => Promise<Answer>,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await run();
    } catch (error) {
      const stored = storableError(error);
      await (stored === undefined
        ? this.forget(cacheKey)
        : this.remember(cacheKey, { state: "failed", request, error: stored }));
      throw error;
    }
    const outcome = stripAnswer(answer);
    await this.remember(cacheKey, { state: "done", request, answer: outcome });
    return answer;
  }

  private async remember(cacheKey: string, record: KeyRecord): Promise<void> {
    try {
      await this.kuzzle.cache.set(cacheKey, record, KEPT_MS);
    } catch (error) {
      // it is written: the caller has to hear that, whatever the cache does
      this.kuzzle.logError("The outcome of an idempotency key is lost", error);
    }
  }

  private async forget(cacheKey: string): Promise<void> {
    try {
      await this.kuzzle.cache.remove(cacheKey);
    } catch (error) {
      this.kuzzle.logError("An idempotency key could not be freed", error);
    }
  }

  private async repeat(
    request: KuzzleRequest,
    asked: KeyRecord,
    known: KeyRecord,
    cacheKey: string,
  ): Promise<RepeatableAnswer> {
    if (known.request !== asked.request) {
      throw batchError("batch.idempotency.mismatch", {});
    }
    if (known.state === "running") {
      throw (await this.isRunning(cacheKey, known.node))
        ? batchError("batch.idempotency.in_progress", {})
        : abandoned(request);
    }
    this.onReplay();
    if (known.state === "failed") {
      throw revivedError(known.error, request);
    }
    return reviveAnswer(known.answer as RepeatableAnswer, request);
  }

  /** Of itself a node knows for sure, whatever it could tell the cache. */
  private async isRunning(cacheKey: string, node: string): Promise<boolean> {
    return node === this.kuzzle.nodeId
      ? this.running.has(cacheKey)
      : this.kuzzle.isNodeAlive(node);
  }
}

/** The node that ran it is dead, or could not keep its outcome: of no document it is known what became of it. */
function abandoned(request: KuzzleRequest): Error {
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

// -------------------------------------------- what is kept, what comes back

/** Sources and documents are in the repeated request: outcomes are enough. */
function stripAnswer(answer: RepeatableAnswer): RepeatableAnswer {
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

function reviveAnswer(
  answer: RepeatableAnswer,
  request: KuzzleRequest,
): RepeatableAnswer {
  const documents = documentsOf(request);
  // nowhere else the whole source is in the request: an update has a part of it, and
  // others have metadata beside it
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

/** Of a document that was written, so that what it holds is well formed. */
function contentOf(document: WriteInput | undefined): unknown {
  return typeof document?.json === "string"
    ? toRawSource(document.json)
    : document?.body;
}

/** What the repeated request asks for, by position. */
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

/** Refused before anything was done; it may be large, too. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorId>([
  "batch.write.refused",
  "batch.update.refused",
]);

/** With 503 they say "send the same again". */
const NOTHING_DONE: ReadonlySet<string> = new Set<ErrorId>([
  "batch.engine.unavailable",
  "batch.write.rolled_back",
]);

function isNothingDone({ id, status }: KuzzleError): boolean {
  return REFUSALS.has(id) || (status === 503 && NOTHING_DONE.has(id));
}

/** @returns undefined when it is sure that nothing was done, and may be done now */
function storableError(error: unknown): StoredError | undefined {
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

function revivedError(stored: StoredError, request: KuzzleRequest): Error {
  const documents = documentsOf(request);
  const errors = stored.errors?.map((each) => reviveDocument(each, documents));
  return new ReplayedError(stored, errors);
}

/** The first answer again, where that was an error. */
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

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
