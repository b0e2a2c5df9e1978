import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";

import { ROOT } from "../paths";
import { freePorts } from "../ports";
import { runToEnd } from "../process";
import { timed } from "../progress";
import { hold } from "../resources";
import type { EngineOptions, Engines, Major } from "./types";

const FILE = path.join(ROOT, "docker/docker-compose.yml");
const PROBE_MS = 5000;
const run = promisify(execFile);

/** The images' tags; the first one is also the default of docker-compose.yml. */
const VERSIONS: Record<Major, string> = { 7: "7.17.28", 8: "8.16.6" };

/** Whether a Docker engine is running, not just the command installed, with Compose. */
export async function dockerEngineAnswers(): Promise<boolean> {
  try {
    await run("docker", ["info", "--format", "{{.ServerVersion}}"], {
      timeout: PROBE_MS,
    });
    await run("docker", ["compose", "version"], { timeout: PROBE_MS });
    return true;
  } catch {
    return false;
  }
}

/** The engines as containers, on free ports of this machine. */
export async function composeEngines(options: EngineOptions): Promise<Engines> {
  const { fresh, log, major = 7 } = options;
  const [elasticsearchPort, redisPort] = await freePorts(2);
  const command = ["compose", "--file", FILE, "--project-name"];
  const project = projectName(major, fresh);

  // Volumes are kept for the next `npm start`, and deleted after a test run.
  const down = [...command, project, "down", ...(fresh ? ["--volumes"] : [])];
  const stop = hold({ run: ["docker", ...down] }, async () => {
    await run("docker", down);
  });
  const title = `Starting Elasticsearch ${major} and Redis with Docker Compose`;
  try {
    await timed(log, title, () =>
      composeUp([...command, project], {
        ELASTICSEARCH_VERSION: VERSIONS[major],
        ELASTICSEARCH_PORT: String(elasticsearchPort),
        REDIS_PORT: String(redisPort),
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin: "Docker Compose",
    elasticsearch: { url: `http://127.0.0.1:${elasticsearchPort}`, major },
    redis: { host: "127.0.0.1", port: redisPort! },
    stop,
  };
}

async function composeUp(
  command: readonly string[],
  variables: Record<string, string>,
): Promise<void> {
  const up = ["up", "--wait", "elasticsearch", "redis"];
  const code = await runToEnd("docker", [...command, ...up], {
    env: { ...process.env, ...variables },
  });
  if (code !== 0) {
    throw new Error(`docker compose up failed (exit code ${code})`);
  }
}

/**
 * One project per clone and Elasticsearch version for kept data, otherwise one per run.
 */
function projectName(major: Major, fresh: boolean): string {
  const clone = createHash("sha256").update(ROOT).digest("hex").slice(0, 8);
  const run = fresh ? `-${process.pid}-${Date.now().toString(36)}` : "";
  return `kuzzle-batch-${clone}-es${major}${run}`;
}
