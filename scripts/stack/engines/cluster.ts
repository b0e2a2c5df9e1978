import { download } from "./download";
import {
  type ElasticsearchOptions,
  type LaunchNode,
  nameOfCluster,
} from "./elasticsearch";
import { RELEASES, releaseOf } from "./embedded";
import { elasticsearchNodes } from "./probes";
import { requireTools } from "./tools";
import type { Major } from "./types";
import { temporaryFolder } from "../paths";
import { freePorts } from "../ports";
import { ready, type Service } from "../process";
import { type Log, timed } from "../progress";

const JOIN_MS = 120_000;
const HEAP = "512m";

/** A node with shards, which may die and come back. */
export interface DataNode {
  /** As `node.attr.box` has it: not every version gives a node a name of its own. */
  readonly box: string;
  /** Where it was last seen; it may have another port when it comes back. */
  readonly url: string;
  /** As when its machine goes: nothing is said to anybody. */
  kill(): Promise<void>;
  /** Resolves once it has joined again, with its data. */
  start(): Promise<void>;
}

/** Three nodes of Elasticsearch, one process each. */
export interface ElasticsearchCluster {
  /** Of the node that has no shards and coordinates; it is never killed. */
  readonly url: string;
  readonly dataNodes: readonly DataNode[];
  stop(): Promise<void>;
}

/**
 * Starts a cluster on this machine, with data of this run alone. The first node is
 * its own initial master and keeps apart from shards, so that a data node's death
 * costs no election.
 */
export async function startCluster(
  major: Major,
  log: Log,
): Promise<ElasticsearchCluster> {
  const { part, launch } = RELEASES[releaseOf(major)];
  const java = requireTools();
  const folders = await download([part], log);
  const home = folders[part];
  const options = { java, home, data: temporaryFolder("cluster") };

  return timed(
    log,
    `Starting three nodes of Elasticsearch ${major}`,
    async () => {
      const cluster = new Cluster(launch, options, await freePorts(3));
      await cluster.start();
      return cluster;
    },
  );
}

class Cluster implements ElasticsearchCluster {
  url = "";
  readonly dataNodes: readonly ClusterNode[];
  private readonly name = nameOfCluster();
  private readonly apart: ClusterNode;

  constructor(
    launch: LaunchNode,
    options: ElasticsearchOptions,
    ports: readonly number[],
  ) {
    const seed = `["127.0.0.1:${ports[0]}"]`;
    const [first, ...others] = ports.map((port, i) => {
      const isApart = i === 0;
      return new ClusterNode(
        launch,
        { ...options, clusterName: this.name },
        `box${i}`,
        [
          `transport.port: ${port}`,
          `node.attr.box: box${i}`,
          "cluster.routing.allocation.exclude.box: box0",
          `discovery.seed_hosts: ${seed}`,
          ...(isApart ? [`cluster.initial_master_nodes: ${seed}`] : []),
        ],
      );
    });
    this.apart = first as ClusterNode;
    this.dataNodes = others;
  }

  async start(): Promise<void> {
    await this.apart.start();
    this.url = this.apart.url;
    await Promise.all(this.dataNodes.map((node) => node.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.dataNodes, this.apart].map((node) => node.stop()),
    );
  }
}

class ClusterNode implements DataNode {
  url = "";
  private service: Service | undefined;
  private starts = 0;

  constructor(
    private readonly launch: LaunchNode,
    private readonly options: ElasticsearchOptions & { clusterName: string },
    readonly box: string,
    private readonly config: readonly string[],
  ) {}

  async start(): Promise<void> {
    const { options, box, config, launch } = this;
    const { service, url } = await launch({
      ...options,
      config,
      heap: HEAP,
      name: box,
      log: `${box}-${++this.starts}`,
    });
    this.service = service;
    this.url = url;
    await ready(
      service,
      async () =>
        (await elasticsearchNodes(this.url)).includes(box) ? true : undefined,
      JOIN_MS,
    );
  }

  async kill(): Promise<void> {
    const { service } = this;
    if (service === undefined) throw new Error(`${this.box} is not running.`);
    process.kill(-service.pid, "SIGKILL");
    await service.exited;
    await this.stop();
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    this.service = undefined;
  }
}
