import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import type { ReadHooks } from "../../core/read/readDocuments";
import type { Source } from "../../types";
import { sourceOf } from "../../core/RawSource";
import type { StoredDocument } from "../../core/documents";
import { isObject } from "../../core/validation/items";
import type { KuzzleServices } from "../KuzzleServices";
import { contentAfter } from "./contentAfter";
import { newNativeRequest, type NativeEvents } from "../nativeRequest";

export const NATIVE_GET = {
  controller: "document",
  action: "mGet",
  before: "document:beforeMGet",
  after: "document:afterMGet",
  genericBefore: "generic:document:beforeGet",
  genericAfter: "generic:document:afterGet",
} as const satisfies NativeEvents;

/**
 * Runs the events of `document:mGet` for each collection, in the order in which Kuzzle
 * itself runs them.
 *
 * @returns undefined if nobody listens
 */
export function readHooks(
  kuzzle: KuzzleServices,
  request: KuzzleRequest,
): ReadHooks | undefined {
  const { before, after, genericBefore, genericAfter } = NATIVE_GET;
  const isHeard = (event: string): boolean => kuzzle.hasListeners(event);
  const seesIds = isHeard(before) || isHeard(genericBefore);
  const seesDocuments = isHeard(after) || isHeard(genericAfter);
  return seesIds || seesDocuments
    ? new PipedRead(kuzzle, request, seesIds, seesDocuments)
    : undefined;
}

/** A document as pipes leave it. */
interface Piped {
  readonly _id: string;
  readonly _source?: Source;
}

class PipedRead implements ReadHooks {
  /**
   * the requests that the before pipes saw, so that the after pipes see the same ones
   */
  private readonly nativeRequests = new Map<string, KuzzleRequest>();

  constructor(
    private readonly kuzzle: KuzzleServices,
    private readonly request: KuzzleRequest,
    private readonly seesIds: boolean,
    readonly seesDocuments: boolean,
  ) {}

  async before(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const nativeRequest = newNativeRequest(
      this.request,
      NATIVE_GET,
      collection,
      {
        ids: [...ids],
      },
    );
    this.nativeRequests.set(collection, nativeRequest);
    if (!this.seesIds) {
      return new Set(ids);
    }
    const { before: specific, genericBefore: generic } = NATIVE_GET;
    const documents = await this.kuzzle.pipe(
      generic,
      ids.map((_id) => ({ _id })),
      nativeRequest,
    );
    setIds(nativeRequest, idsOf(documents, generic));
    const piped = (await this.kuzzle.pipe(
      specific,
      nativeRequest,
    )) as KuzzleRequest;
    this.nativeRequests.set(collection, piped);

    const wanted: unknown = piped.input.body?.ids;
    if (!Array.isArray(wanted)) {
      throw pipeError(specific, "did not leave a list of ids");
    }
    return distinctIds(wanted, new Set(ids), specific);
  }

  async after(
    collection: string,
    documents: readonly StoredDocument[],
    missing: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const nativeRequest = this.nativeRequests.get(collection) as KuzzleRequest;
    nativeRequest.setResult({
      successes: documents.map((document) => ({
        _id: document._id,
        _source: sourceOf(document),
        _version: document._version,
      })),
      errors: [...missing],
    });
    const { after: specific, genericAfter: generic } = NATIVE_GET;
    const piped = (await this.kuzzle.pipe(
      specific,
      nativeRequest,
    )) as KuzzleRequest;
    const successes: unknown = (piped.result as { successes?: unknown } | null)
      ?.successes;
    const shown = await this.kuzzle.pipe(generic, successes, piped);

    const originals = new Map(documents.map((each) => [each._id, each]));
    const visible = new Map<string, StoredDocument>();
    distinctIds(idsOf(shown, generic), new Set(originals.keys()), generic);
    for (const { _id, _source } of shown as Piped[]) {
      const original = originals.get(_id) as StoredDocument;
      visible.set(_id, {
        ...original,
        ...(_source !== undefined && {
          _source: contentAfter(original._source, _source),
        }),
      });
    }
    return visible;
  }
}

function setIds(nativeRequest: KuzzleRequest, ids: readonly unknown[]): void {
  nativeRequest.input.body = { ...nativeRequest.input.body, ids };
}

/** @throws when a pipe did not return a list of documents */
export function idsOf(documents: unknown, event: string): unknown[] {
  if (!Array.isArray(documents) || !documents.every(isObject)) {
    throw pipeError(event, "did not return a list of documents");
  }
  return documents.map(({ _id }) => _id);
}

/** @throws when a pipe added or renamed a document, naming it */
function distinctIds(
  ids: readonly unknown[],
  known: ReadonlySet<string>,
  event: string,
): ReadonlySet<string> {
  const distinct = new Set<string>();
  for (const id of ids) {
    if (typeof id !== "string" || !known.has(id) || distinct.has(id)) {
      throw pipeError(event, `added or renamed ${JSON.stringify(id)}`);
    }
    distinct.add(id);
  }
  return distinct;
}

export function pipeError(event: string, what: string): Error {
  return batchError("batch.pipe.invalid", { event, what });
}
