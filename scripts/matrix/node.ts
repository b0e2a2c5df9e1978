import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

import { CACHE } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { timed, toTerminal as log } from "../stack/progress";
import { hold } from "../stack/resources";

/**
 * The Node of a major version: the current one, or one of npm's packages, kept in the
 * cache.
 */
export async function nodeProgram(major: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = path.join(CACHE, `node-${major}`);
  if (!existsSync(folder)) {
    await timed(log, `Installing Node ${major} (once)`, () =>
      install(major, folder),
    );
  }
  return path.join(folder, "node_modules", NAME, "bin/node");
}

/** Contains Node's headers as well, for compiling. */
const NAME = `node-${process.platform}-${process.arch}`;

async function install(major: string, folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const remove = hold({ remove: unfinished }, () =>
    rmSync(unfinished, { recursive: true, force: true }),
  );
  const code = await runToEnd(
    "npm",
    ["install", "--silent", "--prefix", unfinished, `${NAME}@${major}`],
    { cwd: unfinished },
  );
  if (code !== 0) throw new Error(`npm has no Node ${major}.`);
  if (!existsSync(folder)) renameSync(unfinished, folder);
  await remove();
}

/** Programs started with this environment use that Node, and its npm. */
export function nodeEnvironment(program: string): NodeJS.ProcessEnv {
  const bin = path.dirname(program);
  return {
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
    npm_config_nodedir: path.dirname(bin),
  };
}
