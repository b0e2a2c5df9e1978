import { randomBytes } from "node:crypto";

import { ready, type Service } from "../process";
import { elasticsearchHealthy, elasticsearchInfo } from "./probes";

export const START_MS = 120_000;

export interface ElasticsearchOptions {
  readonly java: string;
  /** Where the program is installed. */
  readonly home: string;
  /** Where the data goes, in a folder per node. */
  readonly data: string;
}

export interface RunningElasticsearch {
  readonly service: Service;
  readonly url: string;
}

export interface NodeOptions extends ElasticsearchOptions {
  readonly clusterName: string;
  /** of its folder in `data` */
  readonly name: string;
  /** name of the log file, if different: one per start */
  readonly log?: string;
  /** in Java's notation: `1g` */
  readonly heap: string;
  /** lines of elasticsearch.yml */
  readonly config: readonly string[];
}

/** Starts one node in its own process; it may not have joined a cluster yet. */
export type LaunchNode = (
  options: NodeOptions,
) => Promise<RunningElasticsearch>;

/** A single-node cluster that accepts writes. */
export async function startAlone(
  launch: LaunchNode,
  options: ElasticsearchOptions,
): Promise<RunningElasticsearch> {
  const clusterName = nameOfCluster();
  const running = await launch({
    ...options,
    clusterName,
    name: "elasticsearch",
    heap: "1g",
    config: ["discovery.type: single-node", "transport.port: 0"],
  });
  await whenHealthy(running, clusterName);
  return running;
}

/** A unique name, which distinguishes our Elasticsearch from others on this machine. */
export function nameOfCluster(): string {
  return `batch-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/** Waits until *this* Elasticsearch answers at the address and accepts writes. */
async function whenHealthy(
  { service, url }: RunningElasticsearch,
  clusterName: string,
): Promise<void> {
  await ready(
    service,
    async () => {
      const info = await elasticsearchInfo(url);
      if (info.clusterName !== clusterName) return undefined;
      return (await elasticsearchHealthy(url)) ? true : undefined;
    },
    START_MS,
  );
}
