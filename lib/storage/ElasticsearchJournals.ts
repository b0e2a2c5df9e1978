import type {
  Journal,
  JournalStore,
  JournalVersion,
  PendingJournals,
  StoredJournal,
} from "./JournalStore";
import { EngineError } from "./DocumentStore";
import type { EngineCaller } from "./engineTransport";

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
      dueAt: { type: "long" },
    },
  },
} as const;

/** Kuzzle's alias of that collection: `%` is for what users never see. */
const ALIAS = encodeURIComponent(`@%plugin-batch.${JOURNALS.collection}`);

/** A journal has pre-images and may be large. */
const DUE_AT_ONCE = 5;

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
    { id, state, owner, dueAt, foreign }: Journal,
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
        body: { doc: { state, owner, dueAt, foreign }, detect_noop: false },
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

  async idsOfLater({
    id,
    index,
    collection,
    createdAt,
  }: Journal): Promise<ReadonlySet<string>> {
    await this.caller.call("journal", "read", {
      method: "POST",
      path: `/${ALIAS}/_refresh`,
    });
    const { body } = await this.search({
      size: 10_000,
      _source: ["entries._id"],
      query: {
        bool: {
          filter: [
            { term: { index } },
            { term: { collection } },
            { range: { createdAt: { gte: createdAt } } },
            { terms: { state: ["pending", "undoing", "committed"] } },
          ],
          must_not: [{ ids: { values: [id] } }],
        },
      },
    });
    return new Set(
      hitsOf(body).flatMap(({ _source }) =>
        _source.entries.map(({ _id }) => _id),
      ),
    );
  }

  async findDue(now: number): Promise<StoredJournal[]> {
    const { body } = await this.search({
      size: DUE_AT_ONCE,
      seq_no_primary_term: true,
      query: { range: { dueAt: { lte: now } } },
      sort: [{ dueAt: "asc" }],
    });
    return hitsOf(body).map(toStored);
  }

  async pending(): Promise<PendingJournals> {
    const { body } = await this.search({
      size: 0,
      track_total_hits: true,
      query: { terms: { state: ["pending", "undoing"] } },
      aggs: { oldest: { min: { field: "createdAt" } } },
    });
    const { hits, aggregations } = body as {
      hits: { total: { value: number } };
      aggregations?: { oldest: { value: number | null } };
    };
    return {
      count: hits.total.value,
      oldestCreatedAt: aggregations?.oldest.value ?? undefined,
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

  private search(body: object): ReturnType<EngineCaller["call"]> {
    return this.caller.call("journal", "read", {
      method: "POST",
      path: `/${ALIAS}/_search`,
      body,
    });
  }
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
