import { GetCall } from "./GetCall";
import type { GetCommand } from "./GetCommand";
import { GetResultCollector } from "./GetResultCollector";
import type { PositionedDocument } from "./locate";
import { Pool } from "../transport/Pool";
import type { ClientContext } from "../transport/ClientContext";
import type { RequestedDocument, BatchGetResult } from "../types";

/** Gets all documents of a list. @throws {BatchError} as the public methods do */
export async function getAll(
  context: ClientContext,
  command: GetCommand,
  requested: Iterable<RequestedDocument>,
): Promise<BatchGetResult> {
  assertList(requested);
  const total = Array.isArray(requested) ? requested.length : undefined;
  const call = await GetCall.open(context, command, total);
  const { onProgress } = command.options;
  const results = new GetResultCollector(command.collection);
  const pool = new Pool<readonly PositionedDocument[]>(
    call.concurrency,
    () => NO_KEYS,
    async (batch) => {
      for (let rest = batch; rest.length > 0;) {
        const round = await call.fetch(rest);
        results.add(round);
        onProgress?.({ ...results.progress, total });
        rest = round.unprocessed;
      }
    },
  );
  let read = 0;
  try {
    for (const each of requested) {
      const document = { position: read++, requested: each };
      if (!results.open(document)) continue;
      const { batches, error } = call.push(document);
      if (error) results.fail(error);
      for (const batch of batches) await pool.submit(batch);
    }
    for (const batch of call.flush()) await pool.submit(batch);
    await pool.drain();
  } catch (cause) {
    await pool.ended();
    if (Array.isArray(requested)) {
      for (const each of requested.slice(read) as RequestedDocument[]) {
        results.open({ position: read++, requested: each });
      }
    }
    throw results.error(cause);
  }
  if (command.strict) {
    results.assertComplete();
  }
  return results.result();
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** A string is iterable too, as a list of its characters. @throws {TypeError} */
export function assertList(requested: unknown): void {
  if (typeof requested === "string") {
    throw new TypeError(
      `The ids must be a list, not the string "${requested}"`,
    );
  }
}
