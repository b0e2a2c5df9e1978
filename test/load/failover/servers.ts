/** A cluster of Elasticsearch whose nodes may be killed, and Redis. */
import {
  type ElasticsearchCluster,
  startCluster,
} from "../../../scripts/stack/engines/cluster";
import { download } from "../../../scripts/stack/engines/download";
import type { RedisAddress } from "../../../scripts/stack/engines/index";
import { startRedis } from "../../../scripts/stack/engines/redis";
import { temporaryFolder } from "../../../scripts/stack/paths";
import { toTerminal as log } from "../../../scripts/stack/progress";
import { givenMajor } from "../engines";

export interface Servers {
  readonly cluster: ElasticsearchCluster;
  readonly redis: RedisAddress;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const [cluster, redis] = await Promise.all([
    startCluster(givenMajor(), log),
    download(["redis"], log).then((folders) =>
      startRedis(folders.redis, temporaryFolder("redis")),
    ),
  ]);
  return {
    cluster,
    redis: redis.address,
    stop: async () => {
      await Promise.all([cluster.stop(), redis.service.stop()]);
    },
  };
}

/** Settings of a collection that survives the loss of a node. */
export const REPLICATED = {
  settings: { number_of_shards: 3, number_of_replicas: 1 },
} as const;
