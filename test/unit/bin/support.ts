import { type FileHandle, open } from "node:fs/promises";
import os from "node:os";

import sinon from "sinon";

import type { DocumentRow, RejectedRow } from "../../../bin/input/rows";

export function documentRow(row: number, id = `id-${row}`): DocumentRow {
  return {
    ...{ kind: "document", row, line: row, end: row * 10, id, isIdNew: false },
    wire: Buffer.from(JSON.stringify({ _id: id, body: { row } })),
  };
}

export function rejectedRow(row: number, code = "invalid"): RejectedRow {
  return {
    ...{ kind: "rejected", row, line: row, end: row * 10 },
    members: `"raw":"${row}"`,
    reject: { line: row, row, code: code as "invalid", reason: "broken" },
  };
}

/**
 * Simulates a disk that is full after this many bytes, for writes to open files.
 *
 * @returns a function that frees space again
 */
export async function fillDisk(bytesLeft: number): Promise<() => void> {
  const handle = await open(os.devNull, "w");
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const write = Reflect.get(prototype, "write") as Write;
  const stub = sinon.stub(prototype, "write").callsFake(async function (
    this: FileHandle,
    ...[bytes, from, length, at]: Parameters<Write>
  ) {
    const room = Math.min(bytesLeft, length);
    if (room === 0) throw new Error("ENOSPC: no space left on device");
    bytesLeft -= room;
    return write.call(this, bytes, from, room, at);
  } as never);
  return () => stub.restore();
}

type Write = (
  bytes: Buffer,
  from: number,
  length: number,
  at: number,
) => Promise<unknown>;
