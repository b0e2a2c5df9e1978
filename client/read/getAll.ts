import { GetCall } from "./GetCall";
import { GetLedger } from "./GetResultCollector";
import type { Question } from "./locate";
import { Pool } from "../transport/Pool";
import type { Tools } from "../transport/ClientContext";
import type { AskedDocument, BatchGetResult, CallOptions } from "../types";

export interface GetCommand {
  readonly index: string;
  /** for the documents that name none */
  readonly collection: string | undefined;
  /** of each request, such as `source` */
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly options: CallOptions;
}

/** Gets all documents of a list. @throws {BatchError} as the public methods tell */
export async function getAll(
  tools: Tools,
  command: GetCommand,
  asked: Iterable<AskedDocument>,
): Promise<BatchGetResult> {
  assertList(asked);
  const call = await GetCall.open(tools, command);
  const { onProgress } = command.options;
  const total = Array.isArray(asked) ? asked.length : undefined;
  const ledger = new GetLedger(command.collection);
  const pool = new Pool<readonly Question[]>(
    call.concurrency,
    () => NO_KEYS,
    async (batch) => {
      for (let rest = batch; rest.length > 0;) {
        const round = await call.ask(rest);
        ledger.add(round);
        onProgress?.({ ...ledger.progress, total });
        rest = round.unprocessed;
      }
    },
  );
  let read = 0;
  try {
    for (const each of asked) {
      const question = { position: read++, asked: each };
      if (!ledger.open(question)) continue;
      const { batches, error } = call.push(question);
      if (error) ledger.fail(error);
      for (const batch of batches) await pool.submit(batch);
    }
    for (const batch of call.flush()) await pool.submit(batch);
    await pool.drain();
  } catch (cause) {
    await pool.settle();
    if (Array.isArray(asked)) {
      for (const each of asked.slice(read) as AskedDocument[]) {
        ledger.open({ position: read++, asked: each });
      }
    }
    throw ledger.error(cause);
  }
  if (command.strict) {
    ledger.assertComplete();
  }
  return ledger.result();
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** A text is a list of its letters, which nobody means. @throws {TypeError} */
export function assertList(asked: unknown): void {
  if (typeof asked === "string") {
    throw new TypeError(`The ids have to be a list, not the text "${asked}"`);
  }
}
