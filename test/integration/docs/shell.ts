/** Commands as a reader would paste them, each in its own folder. */
import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { environment } from "../../../features/support/environment";
import { USER } from "./fixture";
import { ROOT } from "./markdown";

const PATIENCE_MS = 30_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Shell {
  private folder = "";

  open(): void {
    this.folder = mkdtempSync(path.join(tmpdir(), "docs-"));
    const bin = path.join(this.folder, ".bin");
    mkdirSync(bin);
    for (const [name, script] of Object.entries(COMMANDS)) {
      writeFileSync(path.join(bin, name), script);
      chmodSync(path.join(bin, name), 0o755);
    }
  }

  run(text: string, jwt: string): Promise<Ran> {
    const { kuzzleHost, kuzzlePort, elasticsearchUrl } = environment;
    const script = text
      .replace(/\b(?:kuzzle|localhost):7512\b/g, `${kuzzleHost}:${kuzzlePort}`)
      .replace(/http:\/\/localhost:9200\b/g, elasticsearchUrl);
    return new Promise((resolve) => {
      execFile(
        "bash",
        ["--norc", "-euo", "pipefail", "-c", script],
        {
          cwd: this.folder,
          timeout: PATIENCE_MS,
          env: {
            PATH: `${path.join(this.folder, ".bin")}:${process.env.PATH}`,
            KUZZLE_HOST: kuzzleHost,
            KUZZLE_PORT: String(kuzzlePort),
            TOKEN: jwt,
            DOCS_ROOT: ROOT,
            DOCS_NODE: process.execPath,
            DOCS_PASSWORD: USER.password,
          },
        },
        (error, stdout, stderr) =>
          resolve({
            code: error === null ? 0 : Number(error.code ?? 1),
            stdout,
            stderr,
          }),
      );
    });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Accepts the package itself, or one that it declares. */
const CHECK_NPM = `
const { peerDependencies, devDependencies, scripts, name } = require(process.env.DOCS_ROOT + "/package.json");
const [command, ...args] = process.argv.slice(2).filter((each) => !/^--?[a-z]/.test(each));
const known = { [name]: 1, ...peerDependencies, ...devDependencies };
const unknown = ["install", "i"].includes(command)
  ? args.filter((each) => !(each in known))
  : [command === "run" ? args[0] : command].filter((each) => !(each in scripts));
if (unknown.length > 0) { console.error("unknown: " + unknown); process.exit(1); }
`;

/** curl unchanged; the command from its source; npm only checks whether it could install. */
const COMMANDS: Record<string, string> = {
  curl: `#!/bin/sh\nexec ${which("curl")} -sS -w '\\n' "$@"\n`,
  "kuzzle-batch": `#!/bin/sh\nexec "$DOCS_NODE" --require "$DOCS_ROOT/node_modules/tsx/dist/preflight.cjs" --require "$DOCS_ROOT/node_modules/tsx/dist/cjs/index.cjs" "$DOCS_ROOT/bin/kuzzle-batch.ts" "$@"\n`,
  npm: `#!/bin/sh\nexec "$DOCS_NODE" -e '${CHECK_NPM}' npm "$@"\n`,
};

function which(command: string): string {
  const folders = (process.env.PATH ?? "").split(":");
  const files = folders.map((folder) => path.join(folder, command));
  return files.find((file) => existsSync(file)) ?? command;
}
