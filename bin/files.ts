import { existsSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import path from "node:path";

import { UsageError } from "./usage";

/** Only the owner may read files with documents. */
export const OWNER_ONLY = 0o600;

/**
 * Reads the state that a command saved to resume; undefined if there is no file.
 *
 * @throws UsageError for a file of another kind
 */
export function readState<State extends { readonly version: number }>(
  file: string,
  isState: (state: Partial<State>) => boolean,
): State | undefined {
  if (!existsSync(file)) return undefined;
  let state: Partial<State> | null;
  try {
    state = JSON.parse(readFileSync(file, "utf8")) as typeof state;
  } catch (error) {
    throw new UsageError(
      `${file} is not a checkpoint of this command: ${(error as Error).message}`,
    );
  }
  if (state !== null && state.version === 1 && isState(state)) {
    return state as State;
  }
  throw new UsageError(
    `${file} is not a checkpoint of this version of the command.`,
  );
}

/** Replaces the file atomically: it has the old state or the new one, never a part. */
export async function writeState(file: string, state: object): Promise<void> {
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, "w", OWNER_ONLY);
  try {
    await handle.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** Without this, a power failure may lose the new name. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @throws UsageError that names an option whose value differs from the first run */
export function assertSameJob(
  then: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  file: string,
): void {
  for (const name of Object.keys({ ...then, ...now })) {
    const [was, is] = [JSON.stringify(then[name]), JSON.stringify(now[name])];
    if (was !== is) {
      throw new UsageError(
        `The checkpoint ${file} was started with ${name} ${was ?? "not set"}, now it is ${is ?? "not set"}. ` +
          "Resume with the same options, or use another file to start over.",
      );
    }
  }
}
