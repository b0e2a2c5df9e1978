import { randomBytes } from "node:crypto";

import { ready, type Service } from "../process";
import { elasticsearchHealthy, elasticsearchInfo } from "./probes";

export const START_MS = 120_000;

export interface ElasticsearchOptions {
  readonly java: string;
  /** Where the program lies. */
  readonly home: string;
  /** Where the data goes, in a folder of Elasticsearch's own. */
  readonly data: string;
}

export interface RunningElasticsearch {
  readonly service: Service;
  readonly url: string;
}

/** A name nobody else has: it tells our Elasticsearch from others on this machine. */
export function nameOfCluster(): string {
  return `batch-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/** Waits until *this* Elasticsearch answers at the address and can be written to. */
export async function whenHealthy(
  service: Service,
  url: string,
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
