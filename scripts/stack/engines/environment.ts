import { elasticsearchInfo, redisAnswers } from "./probes";
import type { EngineOptions, Engines, Major, RedisAddress } from "./types";

/**
 * The engines that ELASTICSEARCH_URL and REDIS_URL name; undefined if they are not set.
 */
export async function environmentEngines(
  options: EngineOptions,
): Promise<Engines | undefined> {
  const { ELASTICSEARCH_URL: elasticsearch, REDIS_URL: redis } = process.env;
  if (!elasticsearch && !redis) return undefined;
  if (!elasticsearch || !redis) {
    throw new Error(
      `${elasticsearch ? "ELASTICSEARCH_URL" : "REDIS_URL"} is set and ` +
        `${elasticsearch ? "REDIS_URL" : "ELASTICSEARCH_URL"} is not: set both or none.`,
    );
  }

  const url = elasticsearch.replace(/\/+$/, "");
  const major = await majorOf(url);
  if (options.major !== undefined && options.major !== major) {
    throw new Error(
      `Elasticsearch ${options.major} is required here, but ELASTICSEARCH_URL names an Elasticsearch ${major}.`,
    );
  }
  const address = parseRedisUrl(redis);
  if (!(await redisAnswers(address))) {
    throw new Error(`No Redis answers at REDIS_URL (${redis}).`);
  }
  options.log(
    "• Using the engines of ELASTICSEARCH_URL and REDIS_URL as they are. " +
      (options.fresh
        ? "This run writes into them and empties nothing: name disposable ones."
        : ""),
  );
  return {
    origin: "named by environment variables",
    elasticsearch: { url, major },
    redis: address,
    stop: async () => {},
  };
}

async function majorOf(url: string): Promise<Major> {
  const info = await elasticsearchInfo(url).catch((error: Error) => {
    throw new Error(
      `No Elasticsearch answers at ELASTICSEARCH_URL (${url}): ${error.message}`,
    );
  });
  const major = Number(info.version.split(".")[0]);
  if (major === 7 || major === 8) return major;
  throw new Error(
    `ELASTICSEARCH_URL names an Elasticsearch ${info.version}; Kuzzle needs 7 or 8.`,
  );
}

/** redis://[[user]:password@]host[:port] */
export function parseRedisUrl(text: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`REDIS_URL is not a URL: ${text}`);
  }
  if (url.protocol !== "redis:") {
    throw new Error(
      `REDIS_URL must begin with redis://, not ${url.protocol}//`,
    );
  }
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
  };
}
