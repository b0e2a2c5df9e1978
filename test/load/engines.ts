import { environment } from "../../features/support/environment";
import { parseRedisUrl } from "../../scripts/stack/engines/environment";
import type { Major } from "../../scripts/stack/engines/index";

/** The version of Elasticsearch on which to run a load program. */
export function givenMajor(): Major {
  return process.env.TEST_ELASTICSEARCH_MAJOR === "8" ? 8 : 7;
}

/** The engines passed to a load program, for its own Kuzzles. */
export function givenEngines() {
  return {
    elasticsearch: {
      url: environment.elasticsearchUrl,
      major: givenMajor(),
    },
    redis: parseRedisUrl(environment.redisUrl),
  } as const;
}
