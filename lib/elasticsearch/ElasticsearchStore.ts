import assert from "node:assert";

import type { Failure, Shards, Source } from "../types";
import { RawSource } from "../core/RawSource";
import type { Refresh, SourceSelection } from "../core/commands";
import type { StoredDocument } from "../core/documents";
import type { Outcome } from "../core/outcome";
import {
  EngineError,
  type BulkDone,
  type BulkItem,
  type BulkPart,
  type CollectionDescription,
  type DocumentStore,
  type EngineAnswer,
  type GetPart,
  type RawDocument,
} from "../core/ports/DocumentStore";
import { readBulk } from "./bulkAnswer";
import { itemFailure, type EngineCause } from "./errorClassifier";
import type { EngineCaller } from "./transport";
import { MISSING, readMultiGet } from "./multiGet";

/** The engine's own bound for a request's first line is 4,096 bytes. */
const MAX_QUERY_BYTES = 2_000;

/** A Kuzzle collection is an alias of one engine index. */
function kuzzleAlias(index: string, collection: string): string {
  return `@&${index}.${collection}`;
}

/**
 * An alias that goes with the index and never comes back, as that of Kuzzle does when
 * a collection is created anew. Kuzzle takes no notice of one without its prefix.
 */
function pinOf(uuid: string): string {
  return `kuzzle-batch-${uuid}`;
}

/** Documents in Elasticsearch 7 or 8, where Kuzzle keeps them. */
export class ElasticsearchStore implements DocumentStore {
  /** @param aliasOf what the engine calls a collection */
  constructor(
    private readonly caller: EngineCaller,
    private readonly aliasOf: AliasOf = kuzzleAlias,
  ) {}

  async getMany(
    parts: readonly GetPart[],
    source: SourceSelection,
    isRaw = false,
  ): Promise<EngineAnswer<StoredDocument | null>> {
    const addresses = parts.flatMap((part) => part.addresses);
    const request = {
      method: "POST",
      ...multiGetRequest(parts, source, this.aliasOf),
    };
    if (isRaw) {
      return this.caller.callRaw("mget", "read", request, (answer) => ({
        outcomes: readMultiGet(answer, addresses),
        bytes: answer.length,
      }));
    }
    const { body, bytes } = await this.caller.call("mget", "read", request);

    return {
      outcomes: (body as { docs: EngineDocument[] }).docs.map(toGetOutcome),
      bytes,
    };
  }

  async getRaw(
    parts: readonly GetPart[],
  ): Promise<EngineAnswer<RawDocument | null>> {
    const { outcomes } = await this.getMany(parts, { kind: "all" }, true);
    return { outcomes: outcomes.map(toRawOutcome) };
  }

  async isBulkRunning(opaqueId: string): Promise<boolean> {
    const { body } = await this.caller.call("tasks", "read", {
      method: "GET",
      path: "/_tasks",
      querystring: { actions: "indices:data/write/bulk*", group_by: "none" },
    });
    const { tasks = [], node_failures: failures = [] } = body as {
      tasks?: Array<{ headers?: Record<string, string> }>;
      node_failures?: unknown[];
    };
    // a node that does not answer may be the one that is at work
    return (
      failures.length > 0 ||
      tasks.some(({ headers }) => headers?.["X-Opaque-Id"] === opaqueId)
    );
  }

  async bulk(
    parts: readonly BulkPart[],
    refresh: Refresh,
    opaqueId?: string,
  ): Promise<EngineAnswer<BulkDone>> {
    const items = parts.flatMap((part) => part.items);
    const { took, items: answers } = await this.caller.callRaw(
      "bulk",
      "write",
      { method: "POST", ...bulkRequest(parts, refresh, this.aliasOf) },
      (answer) => readBulk(answer) as EngineBulk,
      opaqueId === undefined ? {} : { "x-opaque-id": opaqueId },
    );

    return {
      tookMs: took,
      outcomes: answers.map((answer, i) =>
        toBulkOutcome(answer, items[i] as BulkItem),
      ),
    };
  }

  async describe(
    index: string,
    collection: string,
  ): Promise<CollectionDescription> {
    const { found } = await this.readIndex(this.aliasOf(index, collection));
    return toDescription(found);
  }

  async pin(index: string, collection: string): Promise<CollectionDescription> {
    const alias = this.aliasOf(index, collection);
    const { name, found } = await this.readIndex(alias);
    const description = toDescription(found);
    const pin = pinOf(description.uuid);
    if (found.aliases?.[pin] !== undefined) {
      return description;
    }
    // no document depends on it: a lost answer leaves nothing unknown
    await this.caller.call("mapping", "read", {
      method: "PUT",
      path: `/${encodeURIComponent(name)}/_alias/${pin}`,
    });
    const pinned = toDescription((await this.readIndex(pin)).found);
    if (pinned.uuid !== description.uuid) {
      // it belongs to an index that is gone: nobody will ask for it again
      throw new EngineError(CREATED_ANEW, false);
    }
    return pinned;
  }

  pinnedTo(uuids: ReadonlyMap<string, string>): DocumentStore {
    return new ElasticsearchStore(this.caller, (_, collection) => {
      const uuid = uuids.get(collection);
      assert(uuid !== undefined, "a collection that is not pinned");
      return pinOf(uuid);
    });
  }

  private async readIndex(
    alias: string,
  ): Promise<{ name: string; found: EngineIndex }> {
    const { body } = await this.caller.call("mapping", "read", {
      method: "GET",
      path: `/${encodeURIComponent(alias)}`,
    });
    const [entry] = Object.entries(body as Record<string, EngineIndex>);
    assert(entry !== undefined, "the engine describes nothing");
    return { name: entry[0], found: entry[1] };
  }
}

// ------------------------------------------------------------- multi-get

interface EngineDocument {
  readonly _id: string;
  readonly found?: boolean;
  readonly error?: EngineCause;
  readonly _source?: Source;
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

type AliasOf = (index: string, collection: string) => string;

function multiGetRequest(
  parts: readonly GetPart[],
  source: SourceSelection,
  aliasOf: AliasOf,
): { path: string; querystring: Record<string, string>; body: unknown } {
  const query = sourceQuery(source);
  const fitsTheLine =
    new URLSearchParams(query).toString().length <= MAX_QUERY_BYTES;
  const place = onlyPlace(parts);

  if (fitsTheLine && place !== undefined) {
    const alias = aliasOf(place.index, place.collection);
    return {
      path: `/${encodeURIComponent(alias)}/_mget`,
      querystring: query,
      body: {
        ids: parts.flatMap(({ addresses }) => addresses.map(({ _id }) => _id)),
      },
    };
  }
  const mask = !fitsTheLine &&
    source.kind === "fields" && {
      _source: { includes: source.includes, excludes: source.excludes },
    };
  return {
    path: "/_mget",
    querystring: fitsTheLine ? query : {},
    body: {
      docs: parts.flatMap(({ index, addresses }) =>
        addresses.map(({ collection, _id }) => ({
          _index: aliasOf(index, collection),
          _id,
          ...mask,
        })),
      ),
    },
  };
}

/** @returns the collection that all of it is about, if there is one */
function onlyPlace(
  parts: readonly GetPart[],
): { index: string; collection: string } | undefined {
  const index = parts[0]?.index;
  const collection = parts[0]?.addresses[0]?.collection;
  const isOnly =
    index !== undefined &&
    collection !== undefined &&
    parts.every(
      (part) =>
        part.index === index &&
        part.addresses.every((each) => each.collection === collection),
    );
  return isOnly ? { index, collection } : undefined;
}

function sourceQuery(source: SourceSelection): Record<string, string> {
  switch (source.kind) {
    case "all":
      return {};
    case "none":
      return { _source: "false" };
    case "fields":
      return {
        ...(source.includes.length > 0 && {
          _source_includes: source.includes.join(","),
        }),
        ...(source.excludes.length > 0 && {
          _source_excludes: source.excludes.join(","),
        }),
      };
  }
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

function toRawOutcome(
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

// ------------------------------------------------------------------ bulk

interface EngineBulkItem {
  readonly _version: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly _shards: Shards;
  readonly result: string;
  readonly status: number;
  readonly error?: EngineCause;
  readonly get?: { readonly _source?: RawSource };
}

interface EngineBulk {
  readonly took: number;
  readonly items: readonly EngineBulkAnswer[];
}

type EngineBulkAnswer = Partial<Record<string, EngineBulkItem>>;

function bulkRequest(
  parts: readonly BulkPart[],
  refresh: Refresh,
  aliasOf: AliasOf,
): { path: string; querystring: Record<string, string>; bulkBody: string } {
  const aliases = parts.map(({ index, collection }) =>
    aliasOf(index, collection),
  );
  const isOne = new Set(aliases).size === 1;
  return {
    path: isOne ? `/${encodeURIComponent(String(aliases[0]))}/_bulk` : "/_bulk",
    // a collection deleted meanwhile must not come back as a bare index
    querystring: { refresh, require_alias: "true" },
    bulkBody: parts
      .flatMap(({ items }, i) =>
        items.map((item) => bulkLines(item, isOne ? undefined : aliases[i])),
      )
      .join(""),
  };
}

/** @param alias where the path of the call does not say it */
function bulkLines(item: BulkItem, alias: string | undefined): string {
  const action = {
    [item.operation]: {
      ...(alias !== undefined && { _index: alias }),
      _id: item._id,
      ...(item.precondition && {
        if_seq_no: item.precondition.ifSeqNo,
        if_primary_term: item.precondition.ifPrimaryTerm,
      }),
    },
  };
  const line = `${JSON.stringify(action)}\n`;
  return item.operation === "delete" ? line : `${line}${item.payload}\n`;
}

/** Of a delete, the engine answers this as a result, not as an error. */
const DOCUMENT_MISSING: EngineCause = {
  type: "document_missing_exception",
  reason: "There is no such document.",
};

function toBulkOutcome(
  answer: EngineBulkAnswer,
  item: BulkItem,
): Outcome<BulkDone> {
  const done = answer[item.operation];
  assert(done !== undefined, `the engine does not answer to ${item.operation}`);
  if (item.operation === "delete" && done.status === 404) {
    return {
      ok: false,
      failure: itemFailure(DOCUMENT_MISSING, 404, "write", false),
    };
  }
  if (done.error !== undefined) {
    const conflictPasses =
      item.operation === "update" && item.precondition === undefined;
    return {
      ok: false,
      failure: itemFailure(done.error, done.status, "write", conflictPasses),
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

// ----------------------------------------------------------- description

interface EngineIndex {
  readonly aliases?: Readonly<Record<string, unknown>>;
  readonly mappings?: Source;
  readonly settings?: {
    readonly index?: {
      readonly uuid?: string;
      readonly default_pipeline?: string;
      readonly final_pipeline?: string;
      readonly mapping?: { readonly ignore_malformed?: string };
    };
  };
}

const CREATED_ANEW: Failure = {
  status: 503,
  code: "unavailable",
  reason: "The collection was deleted and created anew at this moment.",
  retryable: true,
};

function toDescription(found: EngineIndex): CollectionDescription {
  const settings = found.settings?.index ?? {};
  const pipelines = [settings.default_pipeline, settings.final_pipeline];

  return {
    uuid: settings.uuid ?? "",
    mappings: found.mappings ?? {},
    hasPipeline: pipelines.some(
      (name) => name !== undefined && name !== "_none",
    ),
    ignoreMalformed: settings.mapping?.ignore_malformed === "true",
  };
}
