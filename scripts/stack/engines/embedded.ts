import { mkdirSync } from "node:fs";
import path from "node:path";

import { KEPT_DATA, temporaryFolder } from "../paths";
import { timed } from "../progress";
import { download } from "./download";
import { startAlone } from "./elasticsearch";
import { launchNode7 } from "./elasticsearch7";
import { launchNode717, launchNode8 } from "./elasticsearchArchive";
import { startRedis } from "./redis";
import { requireTools } from "./tools";
import type { EngineOptions, Engines, Major } from "./types";

/** The Elasticsearch versions of the embedded stack. */
export const RELEASES = {
  "7.10": {
    major: 7,
    part: "elasticsearch-7",
    launch: launchNode7,
  },
  "7.17": {
    major: 7,
    part: "elasticsearch-7.17",
    launch: launchNode717,
  },
  "8.16": {
    major: 8,
    part: "elasticsearch-8",
    launch: launchNode8,
  },
} as const;

export type Release = keyof typeof RELEASES;

/** The version of a major that is used for tests. */
export function releaseOf(major: Major | undefined): Release {
  return major === 8 ? "8.16" : "7.10";
}

export const releases = Object.keys(RELEASES) as Release[];

/** Real engines without Docker: Java programs and a Redis binary from Maven artifacts. */
export async function embeddedEngines(
  options: EngineOptions,
  release: Release = releaseOf(options.major),
): Promise<Engines> {
  const { fresh, log } = options;
  const { major, part, launch } = RELEASES[release];
  const java = requireTools();
  const folders = await download(["redis", part], log);
  const data = fresh ? temporaryFolder("engines") : kept(`engines-${major}`);

  const [redis, elasticsearch] = await Promise.all([
    timed(log, "Starting Redis", () => startRedis(folders.redis, data)),
    timed(log, `Starting Elasticsearch ${release}`, () =>
      startAlone(launch, { java, home: folders[part], data }),
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
