import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

import { CACHE, logFile, ROOT } from "../paths";
import { ready, startService } from "../process";
import { type Log, timed } from "../progress";
import { hold } from "../resources";

/**
 * What can be downloaded, each by the Maven profile of its name in
 * scripts/stack/embedded/pom.xml, into a folder whose name contains the version.
 */
const PARTS = {
  redis: { folder: "redis-6.2.6", title: "Redis 6.2.6" },
  "elasticsearch-7": {
    folder: "elasticsearch-7.10.2",
    title: "Elasticsearch 7.10.2 (150 MB)",
  },
  "elasticsearch-7.17": {
    folder: "elasticsearch-7.17.15",
    title: "Elasticsearch 7.17.15 (300 MB, once)",
  },
  "elasticsearch-8": {
    folder: "elasticsearch-8.16.6",
    title: "Elasticsearch 8.16.6 (900 MB, once)",
  },
} as const;

export type Part = keyof typeof PARTS;

const TIMEOUT_MS = 60 * 60_000;

/** Downloads what is not in the cache yet, and returns the folder of every part. */
export async function download(
  parts: readonly Part[],
  log: Log,
): Promise<Record<Part, string>> {
  const folders = Object.fromEntries(
    Object.entries(PARTS).map(([part, { folder }]) => [
      part,
      path.join(CACHE, folder),
    ]),
  ) as Record<Part, string>;

  const missing = parts.filter((part) => !existsSync(folders[part]));
  if (missing.length > 0) await fetchParts(missing, folders, log);
  return folders;
}

/**
 * Maven works in a folder of its own, including its local repository, and complete
 * parts are moved into place. A broken download thus leaves no trace, concurrent ones
 * do not interfere, and nothing is stored twice.
 */
async function fetchParts(
  parts: readonly Part[],
  folders: Record<Part, string>,
  log: Log,
): Promise<void> {
  const work = path.join(CACHE, `download-${process.pid}`);
  mkdirSync(work, { recursive: true });
  const remove = hold({ remove: work }, () =>
    rmSync(work, { recursive: true, force: true }),
  );
  let bytes = 0;
  const measure = setInterval(() => {
    void sizeOf(work).then((size) => (bytes = size));
  }, 2000);
  try {
    await timed(
      log,
      `Downloading ${parts.map((part) => PARTS[part].title).join(" and ")} with Maven`,
      () => maven(parts, work),
      () => `${Math.round(bytes / 1e6)} MB`,
    );
  } finally {
    clearInterval(measure);
  }
  for (const part of parts) moveInto(folders[part], path.join(work, part));
  await remove();
}

async function maven(parts: readonly Part[], work: string): Promise<void> {
  const profiles = parts.join(",");
  const mvn = startService({
    name: "Maven",
    command: "mvn",
    args: [
      "--batch-mode",
      `--file=${path.join(ROOT, "scripts/stack/embedded/pom.xml")}`,
      `--activate-profiles=${profiles}`,
      `-Dmaven.repo.local=${path.join(work, "m2")}`,
      `-Dstack.folder=${work}`,
      `-Dstack.redis=${redisBinary()}`,
      "generate-resources",
    ],
    logFile: logFile("maven"),
  });
  // A failed build ends with BUILD FAILURE, which is not this line.
  await ready(
    mvn,
    async () => (mvn.output().includes("BUILD SUCCESS") ? true : undefined),
    TIMEOUT_MS,
  );
  await mvn.exited;
  await mvn.stop();
}

/**
 * The name of this machine's Redis in the artifact, as a pattern; it may match nothing.
 */
function redisBinary(): string {
  const system = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  return `redis-server-*-${system}`;
}

function moveInto(folder: string, from: string): void {
  if (readdirSync(from).length === 0) return; // there is no such part for this machine
  try {
    renameSync(from, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // otherwise another process was faster
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        (file) => (file.isFile() ? file.size : 0),
        () => 0, // gone in the meantime
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
