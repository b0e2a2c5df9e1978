import assert from "node:assert";

import type { KuzzleRequest } from "kuzzle";

import { membersOf, withoutMember } from "../../core/validation/jsonObject";
import type { GetError, Shards, Source, WriteError } from "../../types";
import { RawSource } from "../../core/RawSource";
import type { GetResult } from "../../core/commands";
import type { FoundDocument, UpdatedDocument } from "../../core/documents";
import { notReturned } from "../../api/response/answers";
import { isObject } from "../../core/validation/items";
import type { GetRequest } from "../../api/request/parseBatchGet";

/** The response of Kuzzle 1, key for key, on every protocol. */
export interface V1Answer<Hit> {
  readonly status: 200 | 206;
  readonly error: V1PartialError | null;
  readonly index: string;
  readonly collection: string;
  readonly action: string;
  readonly refresh?: unknown;
  readonly retryOnConflict?: unknown;
  readonly controller: "document";
  readonly requestId: string;
  readonly result: { readonly hits: Hit[]; readonly total: number };
}

export interface V1PartialError {
  readonly status: 206;
  readonly message: string;
  readonly count: number;
  readonly errors: readonly (GetError | WriteError)[];
}

export interface V1Document {
  readonly _id: string;
  readonly _index: string;
  readonly _source: Source | RawSource;
  readonly _meta: V1Meta;
  readonly _type: string;
  readonly _version: number;
  readonly found: true;
}

/** Times are in milliseconds since 1970. */
export interface V1Meta {
  readonly active: unknown;
  readonly author: unknown;
  readonly createdAt: unknown;
  readonly deletedAt: unknown;
  readonly updatedAt: unknown;
  readonly updater: unknown;
}

export interface V1Updated {
  readonly _id: string;
  readonly _index: string;
  readonly _shards: Shards;
  readonly _type: string;
  readonly _version: number;
  readonly result: string;
}

interface Place {
  readonly index: string;
  readonly collection: string;
}

/** An id that is requested twice is returned twice, in both positions. */
export function v1GetAnswer(
  request: KuzzleRequest,
  { entries }: GetRequest,
  place: Place,
  result: GetResult,
): V1Answer<V1Document> {
  const found = new Map<unknown, FoundDocument>(
    result.documents.map((each) => [each._id, each]),
  );
  const failures = notReturned(result);
  const failureAt = new Map(failures.map((each) => [each.position, each]));
  const failureOf = new Map(failures.map((each) => [each._id, each]));
  const hits: V1Document[] = [];
  const errors: GetError[] = [];

  entries.forEach((_id, position) => {
    const document = found.get(_id);
    if (document !== undefined) {
      hits.push(toHit(document));
      return;
    }
    const failure = failureAt.get(position) ?? failureOf.get(_id);
    assert(failure !== undefined, `ids[${position}] was lost`);
    errors.push({ ...failure, position });
  });
  return v1Answer(request, place, hits, errors, "retrieved");
}

export function v1UpdateAnswer(
  request: KuzzleRequest,
  place: Place,
  successes: readonly Omit<UpdatedDocument, "status">[],
  errors: readonly WriteError[],
): V1Answer<V1Updated> {
  const hits = successes.map(
    ({ _id, _shards, _version, result }): V1Updated => ({
      _id,
      _index: place.index,
      _shards,
      _type: place.collection,
      _version,
      result,
    }),
  );
  return v1Answer(request, place, hits, errors, "updated");
}

function v1Answer<Hit>(
  request: KuzzleRequest,
  { index, collection }: Place,
  hits: Hit[],
  errors: readonly (GetError | WriteError)[],
  done: "retrieved" | "updated",
): V1Answer<Hit> {
  const isPartial = errors.length > 0;
  return {
    status: isPartial ? 206 : 200,
    error: isPartial ? partialError(hits.length, errors, done) : null,
    index,
    collection,
    action: String(request.input.action),
    ...(done === "updated" && echo(request)),
    controller: "document",
    requestId: request.id,
    result: { hits, total: hits.length },
  };
}

function partialError(
  total: number,
  errors: V1PartialError["errors"],
  done: string,
): V1PartialError {
  return {
    status: 206,
    message: `${errors.length} of the ${total + errors.length} documents could not be ${done}.`,
    count: errors.length,
    errors,
  };
}

/** The two arguments that the response repeats if they were given. */
function echo({
  input,
}: KuzzleRequest): Pick<V1Answer<never>, "refresh" | "retryOnConflict"> {
  const { refresh, retryOnConflict } = input.args as Record<string, unknown>;
  return {
    ...(refresh !== undefined && { refresh }),
    // over HTTP it is a string
    ...(retryOnConflict !== undefined && {
      retryOnConflict: Number(retryOnConflict),
    }),
  };
}

function toHit(document: FoundDocument): V1Document {
  const { _id, index, collection, _version } = document;
  const { content, info } = withoutInfo(document._source ?? {});
  return {
    _id,
    _index: index,
    _source: content,
    _meta: toMeta(info),
    _type: collection,
    _version,
    found: true,
  };
}

function withoutInfo(source: Source | RawSource): {
  content: Source | RawSource;
  info: unknown;
} {
  if (!(source instanceof RawSource)) {
    const { [INFO]: info, ...content } = source;
    return { content, info };
  }
  const text = source.toString();
  const info = membersOf(text).get(INFO);
  return {
    content: RawSource.ofText(withoutMember(text, INFO)),
    info: info === undefined ? undefined : (JSON.parse(info) as unknown),
  };
}

const INFO = "_kuzzle_info";

/** Kuzzle 2 has no trash, so every document is active. */
function toMeta(info: unknown): V1Meta {
  const {
    active = true,
    author = null,
    createdAt = null,
    deletedAt = null,
    updatedAt = null,
    updater = null,
  } = isObject(info) ? info : {};
  return { active, author, createdAt, deletedAt, updatedAt, updater };
}
