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

/** A node with shards, which may be killed and started again. */
export interface DataNode {
  /** Its `node.attr.box`: not every version lets nodes be named. */
  readonly box: string;
  /** Its last known address; it may have another port after a restart. */
  readonly url: string;
  /** Kills it as if its machine failed: without notifying anyone. */
  kill(): Promise<void>;
  /** Resolves once it has rejoined with its data. */
  start(): Promise<void>;
}

/** Three nodes of Elasticsearch, one process each. */
export interface ElasticsearchCluster {
  /** The address of the coordinating node, which has no shards and is never killed. */
  readonly url: string;
  readonly dataNodes: readonly DataNode[];
  stop(): Promise<void>;
}

/**
 * Starts a cluster on this machine, with temporary data. The first node is the initial
 * master and holds no shards, so that the death of a data node causes no election.
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
