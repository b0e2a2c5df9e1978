import { uniqBy } from "lodash";

import {
  type Journal,
  type JournalStore,
  type JournalVersion,
  type PendingJournals,
  type Rival,
  type StoredJournal,
} from "../core/ports/JournalStore";
import { rivalsIn } from "../core/atomic/rivals";
import { EngineError } from "../core/ports/DocumentStore";
import { ALIAS } from "./journalIndex";
import {
  dueQuery,
  HAS_RECHECK,
  NOT_FINAL,
  removableQuery,
  RIVAL_FIELDS,
  rivalsQuery,
  UNFINISHED,
  type Unfinished,
} from "./journalQueries";
import type { EngineCaller } from "./transport";

/** A journal contains pre-images and may be large. */
const DUE_AT_ONCE = 5;

/** More than will ever be under way with the same documents. */
const MAX_RIVALS = 1_000;

/** The maximum number of unfinished batches that one search returns. */
const MAX_UNFINISHED = 1_000;

interface EngineDocument {
  readonly _id: string;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly _source: Omit<Journal, "id">;
}

/** Stores journals of atomic batches in the same engine as the documents. */
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

  /** Only sends the fields of a journal that can change. */
  async replace(
    { id, state, owner, decidedAt, dueAt, modified, recheck }: Journal,
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
          doc: { state, owner, decidedAt, dueAt, modified, recheck },
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
    await this.caller.call("journal", "read", {
      method: "POST",
      path: `/${ALIAS}/_refresh`,
    });
    const { body } = await this.search({
      size: MAX_RIVALS,
      _source: RIVAL_FIELDS,
      query: rivalsQuery(journal, hashes),
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
    const unfinished = await this.unfinished();
    if (unfinished === undefined) {
      return;
    }
    await this.caller.call("journal", "write", {
      method: "POST",
      path: `/${ALIAS}/_delete_by_query`,
      querystring: { conflicts: "proceed" },
      body: { query: removableQuery(now, unfinished) },
    });
  }

  /** The oldest of each index; undefined if there are too many to list. */
  private async unfinished(): Promise<Unfinished[] | undefined> {
    const { body } = await this.search({
      size: MAX_UNFINISHED,
      _source: ["index", "createdAt"],
      query: UNFINISHED,
      sort: [{ createdAt: "asc" }],
    });
    const hits = hitsOf(body);
    return hits.length === MAX_UNFINISHED
      ? undefined
      : uniqBy(
          hits.map(({ _source }) => _source),
          ({ index }) => index,
        );
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
      // absent while no shard of the index is available
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
      // another node was faster
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
      query: dueQuery(now, except, filter, mustNot),
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

/** In the engine's response: null if there was nothing to compare. */
interface Minimum {
  readonly value: number | null;
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
