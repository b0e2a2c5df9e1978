import { existsSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import path from "node:path";

import { UsageError } from "../usage";
import { OWNER_ONLY } from "./RejectsFile";

/** How far an import has come: what is in the checkpoint file, as JSON. */
export interface CheckpointState {
  readonly version: 1;
  /** ids and idempotency keys are made of it */
  readonly runId: string;
  /** what the import is: the same when it is resumed */
  readonly job: Readonly<Record<string, unknown>>;
  readonly server: string;
  readonly limits: { readonly maxBytes: number; readonly maxDocuments: number };
  readonly position: Position;
  readonly rejects: { readonly file: string | null; readonly bytes: number };
  readonly counts: Counts;
  readonly complete: boolean;
}

/** Every row up to here is written, or is in the rejects file. */
export interface Position {
  /** bytes of the unpacked input */
  readonly offset: number;
  readonly rows: number;
  /** of the input's bytes up to the offset */
  readonly digest: string;
}

export interface Counts {
  readonly done: number;
  readonly rejected: number;
}

/** @throws UsageError for a file that is not a checkpoint */
export function readCheckpoint(file: string): CheckpointState | undefined {
  if (!existsSync(file)) return undefined;
  let state: Partial<CheckpointState> | null;
  try {
    state = JSON.parse(readFileSync(file, "utf8")) as typeof state;
  } catch (error) {
    throw new UsageError(
      `${file} is not a checkpoint of this command: ${(error as Error).message}`,
    );
  }
  if (state?.version !== 1 || typeof state.runId !== "string") {
    throw new UsageError(
      `${file} is not a checkpoint of this version of the command.`,
    );
  }
  return state as CheckpointState;
}

/** @throws UsageError that names an option with another value than at the start */
export function assertSameJob(
  { job: then }: CheckpointState,
  now: CheckpointState["job"],
  file: string,
): void {
  for (const name of Object.keys({ ...then, ...now })) {
    const [was, is] = [JSON.stringify(then[name]), JSON.stringify(now[name])];
    if (was !== is) {
      throw new UsageError(
        `The checkpoint ${file} was started with ${name} ${was ?? "not set"}, now it is ${is ?? "not set"}. ` +
          "Resume with the same options, or name another file to start anew.",
      );
    }
  }
}

/** Replaces the file in one step: it is the old state or the new, never a part. */
export async function writeCheckpoint(
  file: string,
  state: CheckpointState,
): Promise<void> {
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
