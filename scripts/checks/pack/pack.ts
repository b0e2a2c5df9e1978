import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const CLONE = path.resolve(__dirname, "../../..");

/** What a clone contains in addition to the repository. */
const NOT_SOURCE = ["node_modules", ".git", ".stack", "coverage", "dist"];

/** What an earlier build may have left. */
export const STALE_FILE = "dist/lib/stale.js";

export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** The package as its users get it, in an application. */
export interface InstalledPackage {
  readonly manifest: PackageJson;
  /** where it is unpacked */
  readonly folder: string;
  /** a folder whose node_modules has the package and its dependencies */
  readonly application: string;
}

/** A packed package, as `npm publish` would pack it. */
export interface PackedPackage {
  readonly tarball: string;
  /** its files, relative to its root */
  readonly files: readonly string[];
  /** size of all files, unpacked */
  readonly bytes: number;
  /**
   * Unpacks the package into an application with only the packages that it declares:
   * anything it needs and does not declare is not found.
   *
   * @param without peers that the application does not have
   */
  install(without?: readonly string[]): InstalledPackage;
  remove(): void;
}

/** Packs a copy of the clone, so that builds in the clone do not interfere. */
export function pack(): PackedPackage {
  const folder = mkdtempSync(path.join(tmpdir(), "batch-pack-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const packed = npmPack(copySource(path.join(folder, "source")), folder);
    const tarball = path.join(folder, packed.filename);
    return {
      tarball,
      files: packed.files.map((file) => file.path),
      bytes: packed.unpackedSize,
      install: (without = []) =>
        unpack(tarball, mkdtempSync(path.join(folder, "app-")), without),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function unpack(
  tarball: string,
  application: string,
  without: readonly string[],
): InstalledPackage {
  const modules = path.join(application, "node_modules");
  const folder = path.join(modules, "kuzzle-plugin-batch");
  mkdirSync(folder, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"]);
  const manifest = readManifest(folder);
  for (const name of [
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.peerDependencies),
    "@types/node",
  ]) {
    if (!without.includes(name)) link(modules, name);
  }
  return { manifest, folder, application };
}

function copySource(source: string): string {
  cpSync(CLONE, source, {
    recursive: true,
    filter: (file) => {
      const [top = ""] = path.relative(CLONE, file).split(path.sep);
      return !NOT_SOURCE.includes(top) && !top.endsWith(".tgz");
    },
  });
  symlinkSync(
    path.join(CLONE, "node_modules"),
    path.join(source, "node_modules"),
  );
  mkdirSync(path.join(source, path.dirname(STALE_FILE)), { recursive: true });
  writeFileSync(path.join(source, STALE_FILE), "");
  return source;
}

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: ReadonlyArray<{ readonly path: string }>;
}

/** `prepack` builds. */
function npmPack(source: string, destination: string): Packed {
  const output = run(
    "npm",
    ["pack", "--json", "--pack-destination", destination],
    source,
  );
  const [packed] = JSON.parse(output.slice(output.indexOf("["))) as Packed[];
  return packed!;
}

function readManifest(folder: string): PackageJson {
  return JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  ) as PackageJson;
}

function link(modules: string, name: string): void {
  const place = path.join(modules, name);
  mkdirSync(path.dirname(place), { recursive: true });
  symlinkSync(path.join(CLONE, "node_modules", name), place);
}

/** Runs a program to its end. @throws with its output, if it fails */
export function run(
  command: string,
  args: readonly string[],
  cwd?: string,
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd !== undefined && { cwd }),
  });
  if (status !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} failed: ${error?.message ?? ""}${stdout}${stderr}`,
    );
  }
  return stdout;
}
