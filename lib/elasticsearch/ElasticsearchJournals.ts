import {
  CLOCK_SKEW_MS,
  type Journal,
  type JournalStore,
  type JournalVersion,
  type PendingJournals,
  type Rival,
  type StoredJournal,
} from "../core/ports/JournalStore";
import { rivalsIn } from "../core/atomic/rivals";
import { EngineError } from "../core/ports/DocumentStore";
import type { EngineCaller } from "./transport";

/** The collection of the plugin's private index, and how Kuzzle makes it. */
export const JOURNALS = {
  collection: "journals",
  mappings: {
    // pre-images are kept, never searched
    dynamic: "false",
    properties: {
      state: { type: "keyword" },
      index: { type: "keyword" },
      collection: { type: "keyword" },
      createdAt: { type: "long" },
      decidedAt: { type: "long" },
      dueAt: { type: "long" },
      recheck: { type: "keyword" },
      entries: {
        properties: {
          intendedHash: { type: "keyword" },
          beforeHash: { type: "keyword" },
        },
      },
    },
  },
} as const;

/** Kuzzle's alias of that collection: `%` is for what users never see. */
const ALIAS = encodeURIComponent(`@%plugin-batch.${JOURNALS.collection}`);

/** A journal has pre-images and may be large. */
const DUE_AT_ONCE = 5;

/** More than are ever under way with the very same documents. */
const MAX_RIVALS = 1_000;

/** As many unsettled batches as one search looks at. */
const MAX_UNSETTLED = 1_000;

const NOT_FINAL = { terms: { state: ["pending", "undoing"] } };
const HAS_RECHECK = { exists: { field: "recheck" } };

interface EngineDocument {
  readonly _id: string;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly _source: Omit<Journal, "id">;
}

/** Journals of atomic batches, in the same engine as the documents. */
export class ElasticsearchJournals implements JournalStore {
  constructor(private readonly caller: EngineCaller) {}

  async create({ id, ...journal }: Journal): Promise<JournalVersion> {
    const { body } = await this.caller.call("journal", "write", {
      method: "PUT",
      path: `/${ALIAS}/_create/${id}`,
      querystring: { require_alias: "true" },
      body: journal,
    });
    return versionOf(body as EngineDocument);
  }

  /** Only what changes in the life of a journal is sent. */
  async replace(
    { id, state, owner, decidedAt, dueAt, foreign, recheck }: Journal,
    { seqNo, primaryTerm }: JournalVersion,
  ): Promise<JournalVersion | undefined> {
    try {
      const { body } = await this.caller.call("journal", "write", {
        method: "POST",
        path: `/${ALIAS}/_update/${id}`,
        querystring: {
          if_seq_no: String(seqNo),
          if_primary_term: String(primaryTerm),
          require_alias: "true",
        },
        body: {
          doc: { state, owner, decidedAt, dueAt, foreign, recheck },
          detect_noop: false,
        },
      });
      return versionOf(body as EngineDocument);
    } catch (error) {
      if (hasStatus(error, 404, 409)) {
        return undefined;
      }
      throw error;
    }
  }

  async read(id: string): Promise<StoredJournal | undefined> {
    try {
      const { body } = await this.caller.call("journal", "read", {
        method: "GET",
        path: `/${ALIAS}/_doc/${id}`,
      });
      return toStored(body as EngineDocument);
    } catch (error) {
      if (hasStatus(error, 404)) {
        return undefined;
      }
      throw error;
    }
  }

  async findRivals(
    journal: Journal,
    hashes: readonly string[],
  ): Promise<Rival[]> {
    const { id, index, collection, createdAt } = journal;
    await this.caller.call("journal", "read", {
      method: "POST",
      path: `/${ALIAS}/_refresh`,
    });
    const since = { decidedAt: { gte: createdAt - CLOCK_SKEW_MS } };
    const { body } = await this.search({
      size: MAX_RIVALS,
      _source: [
        "state",
        "journaledAt",
        "decidedAt",
        "recheck",
        "entries.intendedHash",
        "entries.beforeHash",
        "entries.before.seqNo",
        "entries.before.primaryTerm",
      ],
      query: {
        bool: {
          filter: [
            { term: { index } },
            { term: { collection } },
            anyOf(NOT_FINAL, HAS_RECHECK, { range: since }),
            anyOf(
              { terms: { "entries.intendedHash": hashes } },
              { terms: { "entries.beforeHash": hashes } },
            ),
          ],
          must_not: [{ ids: { values: [id] } }],
        },
      },
    });
    const wanted = new Set(hashes);
    return hitsOf(body).flatMap((hit) =>
      rivalsIn(toStored(hit).journal, journal, wanted),
    );
  }

  findAbandoned(
    now: number,
    except: readonly string[],
  ): Promise<StoredJournal[]> {
    return this.findDue(now, except, [NOT_FINAL]);
  }

  findRechecks(
    now: number,
    except: readonly string[],
  ): Promise<StoredJournal[]> {
    return this.findDue(now, except, [HAS_RECHECK], [NOT_FINAL]);
  }

  async removeFinished(now: number): Promise<void> {
    const unsettled = await this.unsettled();
    if (unsettled === undefined) {
      return;
    }
    await this.caller.call("journal", "write", {
      method: "POST",
      path: `/${ALIAS}/_delete_by_query`,
      querystring: { conflicts: "proceed" },
      body: {
        query: {
          bool: {
            filter: [{ range: { dueAt: { lte: now } } }],
            must_not: [
              NOT_FINAL,
              HAS_RECHECK,
              ...unsettled.map(({ index, collection, createdAt }) => ({
                bool: {
                  filter: [
                    { term: { index } },
                    { term: { collection } },
                    {
                      range: { decidedAt: { gte: createdAt - CLOCK_SKEW_MS } },
                    },
                  ],
                },
              })),
            ],
          },
        },
      },
    });
  }

  /** The oldest of each collection; undefined when they are too many to tell. */
  private async unsettled(): Promise<Unsettled[] | undefined> {
    const { body } = await this.search({
      size: MAX_UNSETTLED,
      _source: ["index", "collection", "createdAt"],
      query: anyOf(NOT_FINAL, HAS_RECHECK),
      sort: [{ createdAt: "asc" }],
    });
    const hits = hitsOf(body);
    if (hits.length === MAX_UNSETTLED) {
      return undefined;
    }
    const oldest = new Map<string, Unsettled>();
    for (const { _source } of hits) {
      const key = `${_source.index}\0${_source.collection}`;
      if (!oldest.has(key)) {
        oldest.set(key, _source);
      }
    }
    return [...oldest.values()];
  }

  async pending(): Promise<PendingJournals> {
    const { body } = await this.search({
      size: 0,
      aggs: {
        pending: {
          filter: NOT_FINAL,
          aggs: { oldest: { min: { field: "createdAt" } } },
        },
        nextDue: { min: { field: "dueAt" } },
      },
    });
    const { aggregations } = body as {
      // left out while the index has no shard to ask
      aggregations?: {
        pending: { doc_count: number; oldest: Minimum };
        nextDue: Minimum;
      };
    };
    return {
      count: aggregations?.pending.doc_count ?? 0,
      oldestCreatedAt: aggregations?.pending.oldest.value ?? undefined,
      nextDueAt: aggregations?.nextDue.value ?? undefined,
    };
  }

  async remove(
    id: string,
    { seqNo, primaryTerm }: JournalVersion,
  ): Promise<void> {
    try {
      await this.caller.call("journal", "write", {
        method: "DELETE",
        path: `/${ALIAS}/_doc/${id}`,
        querystring: {
          if_seq_no: String(seqNo),
          if_primary_term: String(primaryTerm),
        },
      });
    } catch (error) {
      // somebody else was faster
      if (!hasStatus(error, 404, 409)) {
        throw error;
      }
    }
  }

  private async findDue(
    now: number,
    except: readonly string[],
    filter: readonly object[],
    mustNot: readonly object[] = [],
  ): Promise<StoredJournal[]> {
    const { body } = await this.search({
      size: DUE_AT_ONCE,
      seq_no_primary_term: true,
      query: {
        bool: {
          filter: [...filter, { range: { dueAt: { lte: now } } }],
          must_not: [...mustNot, { ids: { values: except } }],
        },
      },
      sort: [{ dueAt: "asc" }],
    });
    return hitsOf(body).map(toStored);
  }

  private search(body: object): ReturnType<EngineCaller["call"]> {
    return this.caller.call("journal", "read", {
      method: "POST",
      path: `/${ALIAS}/_search`,
      body,
    });
  }
}

/** As the engine tells it: null when there was nothing to compare. */
interface Minimum {
  readonly value: number | null;
}

type Unsettled = Pick<Journal, "index" | "collection" | "createdAt">;

function anyOf(...should: object[]): object {
  return { bool: { should, minimum_should_match: 1 } };
}

function hitsOf(body: unknown): EngineDocument[] {
  return (body as { hits: { hits: EngineDocument[] } }).hits.hits;
}

function toStored(document: EngineDocument): StoredJournal {
  return {
    journal: { id: document._id, ...document._source },
    version: versionOf(document),
  };
}

function versionOf({ _seq_no, _primary_term }: EngineDocument): JournalVersion {
  return { seqNo: _seq_no, primaryTerm: _primary_term };
}

function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return (
    error instanceof EngineError && statuses.includes(error.failure.status)
  );
}
