/** Direct access to the cluster: what is stored, and where. */
import type {
  DataNode,
  ElasticsearchCluster,
} from "../../../scripts/stack/engines/cluster";

const JOURNALS = encodeURIComponent("@%plugin-batch.journals");

export class Engine {
  constructor(
    private readonly cluster: ElasticsearchCluster,
    private readonly alias: string,
  ) {}

  /** Creates or replaces documents, and waits for all copies. */
  async store(documents: ReadonlyMap<string, object>): Promise<void> {
    const lines = [...documents].flatMap(([_id, body]) => [
      JSON.stringify({ index: { _id } }),
      JSON.stringify(body),
    ]);
    const { errors } = await this.ask<{ errors: boolean }>(
      "POST",
      `/${this.alias}/_bulk?wait_for_active_shards=all`,
      `${lines.join("\n")}\n`,
    );
    if (errors) throw new Error("The documents could not be stored.");
  }

  /** Read in real time; ids of missing documents are left out. */
  async read(ids: readonly string[]): Promise<Map<string, Stored>> {
    const { docs } = await this.ask<{ docs: StoredDocument[] }>(
      "POST",
      `/${this.alias}/_mget`,
      JSON.stringify({ ids }),
    );
    return new Map(
      docs.flatMap(({ _id, found, _source, _seq_no, _primary_term, error }) => {
        if (error !== undefined) throw new Error(JSON.stringify(error));
        return found === true
          ? [[_id, { source: _source, seqNo: _seq_no, term: _primary_term }]]
          : [];
      }),
    );
  }

  async pendingJournals(): Promise<number> {
    await this.ask("POST", `/${JOURNALS}/_refresh`);
    const { count } = await this.ask<{ count: number }>(
      "POST",
      `/${JOURNALS}/_count`,
      JSON.stringify({
        query: { terms: { state: ["pending", "rolling_back"] } },
      }),
    );
    return count;
  }

  /** Waits until every shard of every index has all its copies. */
  async untilGreen(): Promise<void> {
    const { status } = await this.ask<{ status: string }>(
      "GET",
      "/_cluster/health?wait_for_status=green&timeout=60s",
    );
    if (status !== "green") throw new Error(`The cluster stays ${status}.`);
  }

  /** The node with most primaries of the collection. */
  async busiestNode(): Promise<DataNode> {
    const { nodes } = await this.ask<{
      nodes: Record<string, { attributes: { box: string } }>;
    }>("GET", "/_nodes");
    const shards = await this.ask<Array<{ prirep: string; id: string }>>(
      "GET",
      `/_cat/shards/${this.alias}?format=json&h=prirep,id`,
    );
    const count = ({ box }: DataNode): number =>
      shards.filter(
        ({ prirep, id }) => prirep === "p" && nodes[id]?.attributes.box === box,
      ).length;
    return [...this.cluster.dataNodes].sort((a, b) => count(b) - count(a))[0]!;
  }

  private async ask<T>(
    method: string,
    path: string,
    body?: string,
  ): Promise<T> {
    const response = await fetch(`${this.cluster.url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${text}`);
    return JSON.parse(text) as T;
  }
}

export interface Stored {
  readonly source: Readonly<Record<string, unknown>>;
  readonly seqNo: number;
  readonly term: number;
}

interface StoredDocument {
  readonly _id: string;
  readonly found?: boolean;
  readonly error?: unknown;
  readonly _source: Readonly<Record<string, unknown>>;
  readonly _seq_no: number;
  readonly _primary_term: number;
}
