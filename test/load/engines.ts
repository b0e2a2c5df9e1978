import { environment } from "../../features/support/environment";
import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import type { Major } from "../../scripts/stack/engines/index";

/** The version of Elasticsearch that a load program is to run on. */
export function givenMajor(): Major {
  return process.env.TEST_ELASTICSEARCH_MAJOR === "8" ? 8 : 7;
}

/** Those that a load program was given, for Kuzzles of its own. */
export function givenEngines() {
  return {
    elasticsearch: {
      url: environment.elasticsearchUrl,
      major: givenMajor(),
    },
    redis: parseRedisUrl(environment.redisUrl),
  } as const;
}
