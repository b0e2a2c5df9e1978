import { composeEngines, dockerEngineAnswers } from "./compose";
import { embeddedEngines } from "./embedded";
import { environmentEngines } from "./environment";
import type { EngineOptions, Engines } from "./types";

export * from "./types";

/**
 * Brings up Elasticsearch and Redis, in this order of preference: those that
 * the environment names, those of Docker Compose, those of the embedded stack.
 */
export async function startEngines(options: EngineOptions): Promise<Engines> {
  return (
    (await environmentEngines(options)) ??
    ((await dockerEngineAnswers())
      ? composeEngines(options)
      : embeddedEngines(options))
  );
}
