import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { run } from "../checks/pack/pack";
import { CACHE, ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { timed, toTerminal as log } from "../stack/progress";
import type { Combination } from "./combinations";
import { nodeEnvironment, nodeProgram } from "./node";

/** A copy of the clone that tests the packed plugin with another Node, Kuzzle or SDK. */
export interface Workspace {
  readonly folder: string;
  /** the path of Node */
  readonly node: string;
}

const PACKAGE = "kuzzle-plugin-batch";

/** What a copy does not take from the clone: it has its own, or the package's. */
const NOT_COPIED = new Set([
  ...[".git", ".stack", "coverage", "node_modules"],
  ...["bin", "client", "dist", "index.mts", "index.ts", "lib"],
]);

/** Packs the clone and installs into an empty application. */
const NOT_FOR_A_COPY = ["features/install.feature"];

/** Where tests import the plugin from, and where the package has it. */
const FROM_PACKAGE = {
  lib: "dist/lib",
  client: "dist/client",
  dist: "dist",
  "index.js": "dist/index.js",
};

/**
 * Installs a combination, or takes it from the cache, with the current tests and
 * plugin.
 *
 * @param tarball the packed plugin
 */
export async function prepareWorkspace(
  { node: major, kuzzle, sdk }: Combination,
  tarball: string,
): Promise<Workspace> {
  const node = await nodeProgram(major);
  const folder = path.join(
    CACHE,
    `matrix/node${major}-kuzzle${kuzzle}-sdk${sdk}`,
  );
  copyClone(folder);
  rewriteManifest(folder, { kuzzle, "kuzzle-sdk": sdk });
  await installPackages(folder, node);
  unpackPlugin(folder, tarball);
  return { folder, node };
}

function copyClone(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (name !== "node_modules" && name !== ".stack") {
      rmSync(path.join(folder, name), { recursive: true });
    }
  }
  for (const name of readdirSync(ROOT)) {
    if (NOT_COPIED.has(name)) continue;
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  for (const name of NOT_FOR_A_COPY) rmSync(path.join(folder, name));
}

interface Manifest {
  name: string;
  devDependencies: Record<string, string>;
}

/** Under another name, the package is found in node_modules only. */
function rewriteManifest(
  folder: string,
  versions: Readonly<Record<string, string>>,
): void {
  const file = path.join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  manifest.name = `${PACKAGE}-matrix`;
  Object.assign(manifest.devDependencies, versions);
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

/** Starts from the clone's packages, most of which are the same and already compiled. */
async function installPackages(folder: string, node: string): Promise<void> {
  const modules = path.join(folder, "node_modules");
  const stamp = path.join(folder, ".stack/installed");
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(folder, "package.json")))
    .update(readFileSync(path.join(folder, "package-lock.json")))
    .digest("hex");
  const lock = path.join(folder, ".stack/package-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    cpSync(lock, path.join(folder, "package-lock.json"));
    return;
  }

  rmSync(stamp, { force: true });
  await timed(log, `Installing ${path.basename(folder)}`, async () => {
    if (!existsSync(modules)) {
      run("cp", ["-R", path.join(ROOT, "node_modules"), modules]);
    }
    const code = await runToEnd(
      "npm",
      ["install", "--silent", "--no-audit", "--no-fund", "--legacy-peer-deps"],
      { cwd: folder, env: nodeEnvironment(node) },
    );
    if (code !== 0) throw new Error(`npm install failed in ${folder}.`);
  });
  mkdirSync(path.dirname(stamp), { recursive: true });
  cpSync(path.join(folder, "package-lock.json"), lock);
  writeFileSync(stamp, wanted);
}

function unpackPlugin(folder: string, tarball: string): void {
  const place = path.join(folder, "node_modules", PACKAGE);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", place, "--strip-components=1"]);
  for (const [name, from] of Object.entries(FROM_PACKAGE)) {
    symlinkSync(path.join(place, from), path.join(folder, name));
  }
}
