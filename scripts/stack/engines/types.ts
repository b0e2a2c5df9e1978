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
  /** How they came to be, for people to read. */
  readonly origin: string;
  readonly elasticsearch: { readonly url: string; readonly major: Major };
  readonly redis: RedisAddress;
  /** Stops what was started for us; leaves alone what was found running. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** The Elasticsearch that is wanted; 7, or what the environment names, when left out. */
  readonly major?: Major;
  /** True: data of this run alone. False: the data of the last time. */
  readonly fresh: boolean;
  readonly log: Log;
}

export function redisUrl(redis: RedisAddress): string {
  const secret = encodeURIComponent(redis.password ?? "");
  const user = encodeURIComponent(redis.username ?? "");
  const login = user || secret ? `${user}:${secret}@` : "";
  return `redis://${login}${redis.host}:${redis.port}`;
}
