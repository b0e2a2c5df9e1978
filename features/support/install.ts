/**
 * The plugin as its users get it: packed, installed by npm into an application of its own, and
 * started. Kuzzle, whose native modules take minutes to build, comes from this clone.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  cp,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { environment } from "./environment";
import { askEngine } from "./engine";
import { ADMIN, adminJwt } from "./kuzzle";

const CLONE = path.resolve(__dirname, "../..");
const START_MS = 90_000;

/** What the example installs and this clone provides; the plugin's build depends on it. */
const LENT = ["kuzzle", "kuzzle-sdk"];

interface Manifest {
  readonly dependencies: Record<string, string>;
  overrides?: Record<string, string>;
}

export class InstalledApplication {
  private process: ChildProcess | null = null;
  private port = 0;
  private output = "";

  private constructor(private readonly folder: string) {}

  private get application(): string {
    return path.join(this.folder, "application");
  }

  static async inEmptyFolder(): Promise<InstalledApplication> {
    return new InstalledApplication(
      await mkdtemp(path.join(tmpdir(), "kuzzle-plugin-batch-")),
    );
  }

  /** Builds and packs; returns the files of the package. */
  async pack(): Promise<string[]> {
    const output = await run(
      "npm",
      ["pack", "--json", "--pack-destination", this.folder],
      CLONE,
    );
    const [packed] = JSON.parse(output.slice(output.indexOf("["))) as {
      filename: string;
      files: { path: string }[];
    }[];

    assert.ok(packed, "npm pack packed nothing");
    await rm(path.join(this.folder, "plugin.tgz"), { force: true });
    await symlink(
      path.join(this.folder, packed.filename),
      path.join(this.folder, "plugin.tgz"),
    );

    return packed.files.map((file) => file.path);
  }

  /** @param example the name of its folder */
  async install(example: string): Promise<void> {
    await cp(path.join(CLONE, "examples", example), this.application, {
      recursive: true,
    });
    const file = path.join(this.application, "package.json");
    const manifest = JSON.parse(await readFile(file, "utf8")) as Manifest;
    for (const name of LENT) delete manifest.dependencies[name];
    delete manifest.overrides;
    await writeFile(file, JSON.stringify(manifest));
    await run(
      "npm",
      [
        "install",
        "--omit=peer",
        "--legacy-peer-deps",
        "--no-audit",
        "--no-fund",
        "../plugin.tgz",
      ],
      this.application,
    );
    for (const name of LENT) {
      await symlink(
        path.join(CLONE, "node_modules", name),
        path.join(this.application, "node_modules", name),
      );
    }
  }

  async start(): Promise<void> {
    const redis = new URL(environment.redisUrl);
    const node = { host: redis.hostname, port: Number(redis.port) };

    this.port = await freePort();
    this.process = spawn(process.execPath, ["application.js"], {
      cwd: this.application,
      env: {
        ...process.env,
        kuzzle_server__port: String(this.port),
        kuzzle_server__protocols__mqtt__enabled: "false",
        kuzzle_services__storageEngine__majorVersion: await majorVersion(),
        kuzzle_services__storageEngine__client__node:
          environment.elasticsearchUrl,
        kuzzle_services__internalCache__node: `*json:${JSON.stringify(node)}`,
        kuzzle_services__memoryStorage__node: `*json:${JSON.stringify(node)}`,
      },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    }
    await this.untilReady();
  }

  /** Runs a program of the example, and returns its output. */
  run(file: string): Promise<string> {
    return run(process.execPath, [file], this.application, {
      ...process.env,
      KUZZLE_PORT: String(this.port),
      KUZZLE_USERNAME: ADMIN.username,
      KUZZLE_PASSWORD: ADMIN.password,
    });
  }

  /** The suite's Kuzzle does not know the indexes of this one. */
  async deleteIndex(index: string): Promise<void> {
    await fetch(`http://localhost:${this.port}/${index}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${adminJwt()}` },
    });
  }

  async remove(): Promise<void> {
    if (this.process !== null && this.process.exitCode === null) {
      const ended = new Promise((resolve) =>
        this.process?.once("exit", resolve),
      );

      this.process.kill("SIGKILL");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + START_MS;

    for (;;) {
      const isUp = await fetch(`http://localhost:${this.port}/_publicApi`).then(
        () => true,
        () => false,
      );

      if (isUp) {
        return;
      }
      assert.equal(
        this.process?.exitCode,
        null,
        `The application has stopped:\n${this.output.slice(-4000)}`,
      );
      assert.ok(
        Date.now() < deadline,
        `The application is not up:\n${this.output.slice(-4000)}`,
      );
      await sleep(200);
    }
  }
}

async function run(
  command: string,
  args: string[],
  cwd: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    cwd,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });

  return stdout;
}

async function majorVersion(): Promise<string> {
  const { body } = await askEngine("GET", "/");
  const [major = ""] = (body["version"] as { number: string }).number.split(
    ".",
  );

  return major;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();

    server.once("error", reject);
    server.listen(0, () => {
      const address = server.address();

      server.close(() =>
        resolve(
          typeof address === "object" && address !== null ? address.port : 0,
        ),
      );
    });
  });
}
