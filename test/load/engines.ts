import { environment } from "../../features/support/environment";
import { parseRedisUrl } from "../../scripts/stack/engines/environment";

/** Those that a load program was given, for Kuzzles of its own. */
export function givenEngines() {
  return {
    elasticsearch: {
      url: environment.elasticsearchUrl,
      major: process.env.TEST_ELASTICSEARCH_MAJOR === "8" ? 8 : 7,
    },
    redis: parseRedisUrl(environment.redisUrl),
  } as const;
}
