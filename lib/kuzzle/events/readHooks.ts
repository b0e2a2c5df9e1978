import type { KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import type { ReadGuard } from "../../core/read/readDocuments";
import type { StoredDocument } from "../../types";
import { isObject } from "../../api/request/items";
import type { KuzzleServices } from "../KuzzleServices";
import { twinRequest, type NativeTwin } from "../nativeRequest";

export const NATIVE_GET = {
  controller: "document",
  action: "mGet",
  before: "document:beforeMGet",
  after: "document:afterMGet",
  genericBefore: "generic:document:beforeGet",
  genericAfter: "generic:document:afterGet",
} as const satisfies NativeTwin;

/**
 * Runs the events of `document:mGet` for each collection, in the order in which
 * Kuzzle itself runs them.
 *
 * @returns undefined when nobody listens
 */
export function readGuard(
  kuzzle: KuzzleServices,
  request: KuzzleRequest,
): ReadGuard | undefined {
  const { before, after, genericBefore, genericAfter } = NATIVE_GET;
  const isHeard = (event: string): boolean => kuzzle.hasListeners(event);
  const seesIds = isHeard(before) || isHeard(genericBefore);
  const seesDocuments = isHeard(after) || isHeard(genericAfter);
  return seesIds || seesDocuments
    ? new PipedRead(kuzzle, request, seesIds, seesDocuments)
    : undefined;
}

class PipedRead implements ReadGuard {
  /** the request that pipes saw before, for them to see it again after */
  private readonly twins = new Map<string, KuzzleRequest>();

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
    const twin = twinRequest(this.request, NATIVE_GET, collection, {
      ids: [...ids],
    });
    this.twins.set(collection, twin);
    if (!this.seesIds) {
      return new Set(ids);
    }
    const { before: specific, genericBefore: generic } = NATIVE_GET;
    const documents = await this.kuzzle.pipe(
      generic,
      ids.map((_id) => ({ _id })),
      twin,
    );
    setIds(twin, idsOf(documents, generic));
    const piped = (await this.kuzzle.pipe(specific, twin)) as KuzzleRequest;
    this.twins.set(collection, piped);

    const wanted: unknown = piped.input.body?.ids;
    if (!Array.isArray(wanted)) {
      throw pipeError(specific, "left no list of ids");
    }
    return distinctIds(wanted, new Set(ids), specific);
  }

  async after(
    collection: string,
    documents: readonly StoredDocument[],
    missing: readonly string[],
  ): Promise<ReadonlyMap<string, StoredDocument>> {
    const twin = this.twins.get(collection) as KuzzleRequest;
    twin.setResult({
      successes: documents.map(({ _id, _source, _version }) => ({
        _id,
        _source,
        _version,
      })),
      errors: [...missing],
    });
    const { after: specific, genericAfter: generic } = NATIVE_GET;
    const piped = (await this.kuzzle.pipe(specific, twin)) as KuzzleRequest;
    const successes: unknown = (piped.result as { successes?: unknown } | null)
      ?.successes;
    const shown = await this.kuzzle.pipe(generic, successes, piped);

    const originals = new Map(documents.map((each) => [each._id, each]));
    const visible = new Map<string, StoredDocument>();
    distinctIds(idsOf(shown, generic), new Set(originals.keys()), generic);
    for (const document of shown as StoredDocument[]) {
      const { _source } = document;
      visible.set(document._id, {
        ...(originals.get(document._id) as StoredDocument),
        ...(_source !== undefined && { _source }),
      });
    }
    return visible;
  }
}

function setIds(twin: KuzzleRequest, ids: readonly unknown[]): void {
  twin.input.body = { ...twin.input.body, ids };
}

/** @throws when a pipe has not returned a list of documents */
export function idsOf(documents: unknown, event: string): unknown[] {
  if (!Array.isArray(documents) || !documents.every(isObject)) {
    throw pipeError(event, "returned no list of documents");
  }
  return documents.map(({ _id }) => _id);
}

/** @throws when a pipe has added or renamed a document, naming it */
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
