import assert from "node:assert";

import _ from "lodash";

import type { Failure } from "../types";
import type { Refresh, SourceSelection } from "../core/commands";
import type { StoredDocument } from "../core/documents";
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
import { kuzzleAlias, pinOf, type AliasOf } from "./aliases";
import { readBulk, toBulkOutcome } from "./bulkAnswer";
import { bulkRequest } from "./bulkRequest";
import { toDescription, type EngineIndex } from "./description";
import {
  parseMultiGet,
  readMultiGet,
  readRawDocuments,
} from "./multiGetAnswer";
import { addressesOf, multiGetRequest } from "./multiGetRequest";
import type { EngineCaller } from "./transport";

/** Documents in the Elasticsearch 7 or 8 in which Kuzzle stores them. */
export class ElasticsearchStore implements DocumentStore {
  /** @param aliasOf the engine's name of a collection */
  constructor(
    private readonly caller: EngineCaller,
    private readonly aliasOf: AliasOf = kuzzleAlias,
  ) {}

  async getMany(
    parts: readonly GetPart[],
    source: SourceSelection,
    isRaw = false,
  ): Promise<EngineAnswer<StoredDocument | null>> {
    const addresses = addressesOf(parts);
    const request = {
      method: "POST",
      ...multiGetRequest(parts, source, this.aliasOf),
    };
    const read = isRaw ? readMultiGet : parseMultiGet;
    return this.caller.callRaw("mget", "read", request, (answer) => ({
      outcomes: read(answer, addresses),
      bytes: answer.length,
    }));
  }

  async getRaw(
    parts: readonly GetPart[],
  ): Promise<EngineAnswer<RawDocument | null>> {
    const addresses = addressesOf(parts);
    return this.caller.callRaw(
      "mget",
      "read",
      {
        method: "POST",
        ...multiGetRequest(parts, { kind: "all" }, this.aliasOf),
      },
      (answer) => ({ outcomes: readRawDocuments(answer, addresses) }),
    );
  }

  async refresh(index: string, collections: readonly string[]): Promise<void> {
    const aliases = collections.map((each) => this.aliasOf(index, each));
    await this.caller.call("refresh", "read", {
      method: "POST",
      path: `/${encodeURIComponent(aliases.join())}/_refresh`,
    });
  }

  async isBulkRunning(opaqueIds: readonly string[]): Promise<boolean> {
    const { body } = await this.caller.call("tasks", "read", {
      method: "GET",
      path: "/_tasks",
      querystring: { actions: "indices:data/write/bulk*", group_by: "none" },
    });
    const { tasks = [], node_failures: failures = [] } = body as {
      tasks?: Array<{ headers?: Record<string, string> }>;
      node_failures?: unknown[];
    };
    // a node that does not respond may be the one that is still processing it
    return (
      failures.length > 0 ||
      tasks.some(({ headers }) =>
        opaqueIds.includes(headers?.["X-Opaque-Id"] ?? ""),
      )
    );
  }

  async bulk(
    parts: readonly BulkPart[],
    refresh: Refresh,
    opaqueId?: string,
  ): Promise<EngineAnswer<BulkDone>> {
    const items = _.flatMap(parts, (part) => part.items);
    const { took, items: answers } = await this.caller.callRaw(
      "bulk",
      "write",
      { method: "POST", ...bulkRequest(parts, refresh, this.aliasOf) },
      readBulk,
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
    // no document depends on it: a lost response leaves nothing unknown
    await this.caller.call("mapping", "read", {
      method: "PUT",
      path: `/${encodeURIComponent(name)}/_alias/${pin}`,
    });
    const pinned = toDescription((await this.readIndex(pin)).found);
    if (pinned.uuid !== description.uuid) {
      // the alias belongs to a deleted index, so nobody will use it again
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
    const [entry, ...others] = Object.entries(
      body as Record<string, EngineIndex>,
    );
    assert(entry !== undefined, "the engine describes nothing");
    if (others.length > 0) {
      // it is unknown to which of them a write, or its rollback, belongs
      throw new EngineError(SEVERAL_INDEXES, false);
    }
    return { name: entry[0], found: entry[1] };
  }
}

const SEVERAL_INDEXES: Failure = {
  status: 503,
  code: "unavailable",
  reason: "The collection is an alias of several indexes.",
  retryable: false,
};

const CREATED_ANEW: Failure = {
  status: 503,
  code: "unavailable",
  reason: "The collection was deleted and recreated during the request.",
  retryable: true,
};
