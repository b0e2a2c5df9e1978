import { existsSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import path from "node:path";

import { UsageError } from "../usage";

/** How far an import has come: what is in the checkpoint file, as JSON. */
export interface CheckpointState {
  readonly version: 1;
  /** ids and idempotency keys are made of it */
  readonly runId: string;
  /** what the import is; taken up again, it has to be the same */
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

/** @throws UsageError for a file that is no checkpoint */
export function readCheckpoint(file: string): CheckpointState | undefined {
  if (!existsSync(file)) return undefined;
  let state: Partial<CheckpointState> | null;
  try {
    state = JSON.parse(readFileSync(file, "utf8")) as typeof state;
  } catch (error) {
    throw new UsageError(
      `${file} is no checkpoint of this command: ${(error as Error).message}`,
    );
  }
  if (state?.version !== 1 || typeof state.runId !== "string") {
    throw new UsageError(
      `${file} is no checkpoint of this version of the command.`,
    );
  }
  return state as CheckpointState;
}

/** @throws UsageError that names what is not as it was when it was begun */
export function assertSameJob(
  { job: then }: CheckpointState,
  now: CheckpointState["job"],
  file: string,
): void {
  for (const name of Object.keys({ ...then, ...now })) {
    const [was, is] = [JSON.stringify(then[name]), JSON.stringify(now[name])];
    if (was !== is) {
      throw new UsageError(
        `The checkpoint ${file} was begun with ${name} ${was ?? "not set"}, now it is ${is ?? "not set"}. ` +
          "Take it up with the same options, or name another file to begin anew.",
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
  const handle = await open(temporary, "w");
  try {
    await handle.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** Without this, the new name may be lost with the power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
