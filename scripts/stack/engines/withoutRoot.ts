import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, readdirSync } from "node:fs";
import path from "node:path";

const NOBODY = 65534;

/** The process is nobody to itself but root to the system: needs no file permissions. */
const NAMESPACE = [
  ...["unshare", "--user"],
  ...[`--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--"],
];

/** The process really is nobody: every folder on the path must be open to it. */
const SETPRIV = [
  ...["setpriv", "--clear-groups"],
  ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--"],
];

/**
 * The prefix for a command that refuses to run as root, such as Elasticsearch; empty if
 * we are not root. `program` is only read, `data` is written to.
 */
export function withoutRoot(program: string, data: string): string[] {
  if (process.getuid?.() !== 0) return [];
  if (runs([...NAMESPACE, "true"])) return NAMESPACE; // containers may forbid it
  giveToNobody(data);
  for (const folder of [program, data]) {
    if (runs([...SETPRIV, "ls", folder])) continue;
    throw new Error(
      `Elasticsearch does not run as root, and "nobody" cannot reach ${folder}: ` +
        "run this as another user, or in a clone that everybody may read.",
    );
  }
  return SETPRIV;
}

function runs([command, ...args]: readonly string[]): boolean {
  return spawnSync(command!, args, { stdio: "ignore" }).status === 0;
}

function giveToNobody(folder: string): void {
  chmodSync(path.dirname(folder), 0o755);
  chownSync(folder, NOBODY, NOBODY);
  for (const name of readdirSync(folder, { recursive: true })) {
    chownSync(path.join(folder, String(name)), NOBODY, NOBODY);
  }
}
