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
  const named = await environmentEngines(options);
  if (named !== undefined) return named;
  if (!(await dockerEngineAnswers())) return embeddedEngines(options);
  try {
    return await composeEngines(options);
  } catch (error) {
    // A Docker engine that cannot pull images is as good as none.
    options.log(`✗ ${(error as Error).message}: taking the embedded stack`);
    return embeddedEngines(options);
  }
}
