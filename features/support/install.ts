/**
 * The plugin as its users get it: packed, installed by npm into an application of its own, started.
 * Kuzzle itself, whose native parts take minutes to build, is lent from this clone.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { environment } from "./environment";
import { askEngine } from "./engine";
import type { Answer, KuzzleRequest } from "./transports";

const CLONE = path.resolve(__dirname, "../..");
const START_MS = 90_000;

/** A name that no other Kuzzle on these engines has: its private index begins with it. */
const APPLICATION = "batch-install";

/** As in the README, and nothing else: the ports and engines come from the environment. */
const MAIN = `
const { Backend } = require("kuzzle");
const { BatchPlugin } = require("kuzzle-plugin-batch");

const app = new Backend("${APPLICATION}");
app.plugin.use(new BatchPlugin());
app.start().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;

export class InstalledApplication {
  private process: ChildProcess | null = null;
  private port = 0;
  private output = "";

  private constructor(private readonly folder: string) {}

  static async inEmptyFolder(): Promise<InstalledApplication> {
    return new InstalledApplication(
      await mkdtemp(path.join(tmpdir(), "kuzzle-plugin-batch-")),
    );
  }

  /** Builds and packs; answers the files of the package. */
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

  async install(): Promise<void> {
    const application = path.join(this.folder, "application");

    await mkdir(application);
    await writeFile(
      path.join(application, "package.json"),
      JSON.stringify({
        name: "empty-application",
        version: "1.0.0",
        private: true,
      }),
    );
    await writeFile(path.join(application, "main.js"), MAIN);
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
      application,
    );
    await symlink(
      path.join(CLONE, "node_modules/kuzzle"),
      path.join(application, "node_modules/kuzzle"),
    );
  }

  async start(): Promise<void> {
    const redis = new URL(environment.redisUrl);
    const node = { host: redis.hostname, port: Number(redis.port) };

    this.port = await freePort();
    this.process = spawn(process.execPath, ["main.js"], {
      cwd: path.join(this.folder, "application"),
      env: {
        ...process.env,
        kuzzle_server__port: String(this.port),
        kuzzle_cluster__enabled: "false",
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

  async send(verb: string, pathname: string, body: unknown): Promise<Answer> {
    const response = await fetch(`http://localhost:${this.port}${pathname}`, {
      method: verb,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

    return (await response.json()) as Answer;
  }

  query(request: KuzzleRequest): Promise<Answer> {
    return this.send("POST", "/_query", request);
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
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    cwd,
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
