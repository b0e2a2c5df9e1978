import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { publish, published } from "./endpoints";
import type { Engines, Major } from "./engines/index";
import {
  elasticsearchInfo,
  redisAnswers,
  wipeElasticsearch,
  wipeRedis,
} from "./engines/probes";
import { STACK } from "./paths";
import type { Log } from "./progress";
import { hold } from "./resources";

/** The engines that `npm run stack` keeps running for tests. */
type KeptEngines = Pick<Engines, "elasticsearch" | "redis">;

const FILE = "kept.json";
const LOCK = path.join(STACK, "kept.lock");

export function publishKept(engines: Engines): void {
  const { elasticsearch, redis } = engines;
  publish(FILE, { elasticsearch, redis } satisfies KeptEngines);
}

/**
 * The kept engines, emptied, for one test run at a time; undefined if there are none,
 * they are in use, they have another version, or the environment names others.
 */
export async function borrowKept(
  major: Major | undefined,
  log: Log,
): Promise<Engines | undefined> {
  if (process.env.ELASTICSEARCH_URL || process.env.REDIS_URL) return undefined;
  const kept = published(FILE) as KeptEngines | undefined;
  if (kept === undefined || !(await answer(kept))) return undefined;
  if (major !== undefined && kept.elasticsearch.major !== major)
    return undefined;
  const unlock = lock();
  if (unlock === undefined) {
    log("• The kept engines are in use by another run: starting others");
    return undefined;
  }
  await wipeElasticsearch(kept.elasticsearch.url);
  await wipeRedis(kept.redis);
  log("• Using the engines that npm run stack keeps running, emptied");
  return { ...kept, origin: "kept by npm run stack", stop: unlock };
}

async function answer(kept: KeptEngines): Promise<boolean> {
  const info = await elasticsearchInfo(kept.elasticsearch.url).catch(() => {});
  return info !== undefined && (await redisAnswers(kept.redis));
}

/** One user at a time, because each empties the engines first. */
function lock(): (() => Promise<void>) | undefined {
  mkdirSync(STACK, { recursive: true });
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      return hold({ remove: LOCK }, () => rmSync(LOCK, { force: true }));
    } catch {
      if (isAlive(ownerOfLock())) return undefined;
      rmSync(LOCK, { force: true }); // left by a killed process
    }
  }
}

function ownerOfLock(): number {
  try {
    return Number(readFileSync(LOCK, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
