/**
 * Packs the package and tries what its users do with it: its contents, loading it from
 * CommonJS, from ES modules and without Kuzzle, its types, and what publint says about
 * package.json.
 */
import { readFileSync } from "node:fs";
import path from "node:path";

import {
  clientProblems,
  commandProblems,
  loadProblems,
  typeProblems,
} from "./pack/consumers";
import {
  contentProblems,
  dependencyProblems,
  linkProblems,
  scriptProblems,
} from "./pack/contents";
import { type InstalledPackage, pack, type PackedPackage } from "./pack/pack";

function manifestProblems(
  { files, bytes }: PackedPackage,
  { manifest, folder }: InstalledPackage,
): string[] {
  const read = (file: string): string =>
    readFileSync(path.join(folder, file), "utf8");
  const code = files.filter((file) => /\.m?js$/.test(file)).map(read);
  return [
    ...contentProblems(files, bytes),
    ...scriptProblems(manifest.scripts),
    ...dependencyProblems(code, manifest),
    ...files
      .filter((file) => file.endsWith(".md"))
      .flatMap((file) => linkProblems(file, read(file), files)),
  ];
}

async function publintProblems({
  folder,
}: InstalledPackage): Promise<string[]> {
  // ES modules
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const { messages, pkg } = await publint({
    pkgDir: folder,
    pack: false,
    strict: true,
  });
  return messages
    .map((message) => formatMessage(message, pkg, { color: false }))
    .filter((text) => text !== undefined);
}

async function main(): Promise<void> {
  const packed = pack();
  try {
    const installed = packed.install();
    const problems = [
      ...manifestProblems(packed, installed),
      ...loadProblems(installed),
      ...clientProblems(packed.install(["kuzzle"])),
      ...commandProblems(
        packed.install(Object.keys(installed.manifest.peerDependencies)),
      ),
      ...typeProblems(installed),
      ...(await publintProblems(installed)),
    ];
    for (const problem of problems) {
      console.error(problem);
    }
    if (problems.length === 0) {
      const { name, version } = installed.manifest;
      console.log(
        `sound: ${name} ${version}, ${packed.files.length} files, ${Math.round(packed.bytes / 1024)} KiB`,
      );
    }
    process.exitCode = problems.length > 0 ? 1 : 0;
  } finally {
    packed.remove();
  }
}

void main();
