import type { Log } from "../progress";

export type Major = 7 | 8;

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** A running Elasticsearch and Redis. */
export interface Engines {
  /** Where they come from, for messages. */
  readonly origin: string;
  readonly elasticsearch: { readonly url: string; readonly major: Major };
  readonly redis: RedisAddress;
  /** Stops what was started here, not what was already running. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** The requested Elasticsearch; default: 7, or the one in the environment. */
  readonly major?: Major;
  /** True: temporary data. False: the data of the last run. */
  readonly fresh: boolean;
  readonly log: Log;
}

export function redisUrl(redis: RedisAddress): string {
  const secret = encodeURIComponent(redis.password ?? "");
  const user = encodeURIComponent(redis.username ?? "");
  const login = user || secret ? `${user}:${secret}@` : "";
  return `redis://${login}${redis.host}:${redis.port}`;
}
