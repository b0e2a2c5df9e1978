import { composeEngines, dockerEngineAnswers } from "./compose";
import { embeddedEngines } from "./embedded";
import { environmentEngines } from "./environment";
import type { EngineOptions, Engines } from "./types";

export * from "./types";

/**
 * Starts Elasticsearch and Redis. In order of preference: those named in the
 * environment, Docker Compose, the embedded stack.
 */
export async function startEngines(options: EngineOptions): Promise<Engines> {
  const named = await environmentEngines(options);
  if (named !== undefined) return named;
  if (!(await dockerEngineAnswers())) return embeddedEngines(options);
  try {
    return await composeEngines(options);
  } catch (error) {
    // A Docker engine that cannot pull images is useless.
    options.log(`✗ ${(error as Error).message}: using the embedded stack`);
    return embeddedEngines(options);
  }
}
