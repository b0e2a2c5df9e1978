/**
 * Sends the operations of a round, and settles the promise of each with its own
 * outcome.
 */
import { BatchError } from "../../errors/BatchError";
import { documentError } from "../../errors/documentError";
import { loadAll, type Getter, type Loaded } from "../../read/loader";
import { isAboutOneCollection } from "../../transport/errorClassifier";
import { groupBy } from "../../../lib/core/groupBy";
import type {
  BatchOperationsResult,
  BatchWriteOptions,
  Operation,
  OperationResult,
  WriteError,
} from "../../types";
import type { PendingGet, PendingWrite, Round } from "./Round";

/** The part of the controller that a writer needs. */
export interface WriterClient extends Getter {
  batchWrite(
    index: string,
    operations: Iterable<Operation>,
    options?: BatchWriteOptions,
  ): Promise<BatchOperationsResult>;
}

export interface RoundOptions {
  readonly index: string;
  /** options of each batchWrite */
  readonly writing: BatchWriteOptions;
}

/** Never rejects. */
export async function sendRound(
  client: WriterClient,
  { writes, gets }: Round,
  options: RoundOptions,
): Promise<void> {
  await Promise.all([
    sendWrites(client, writes, options),
    sendGets(client, gets, options),
  ]);
}

async function sendWrites(
  client: WriterClient,
  writes: readonly PendingWrite[],
  options: RoundOptions,
): Promise<void> {
  if (writes.length === 0) return;
  const operations = writes.map(({ input }) => input);
  try {
    settle(
      writes,
      await client.batchWrite(options.index, operations, options.writing),
    );
  } catch (error) {
    const rest = settleFailed(writes, error);
    const groups = groupsByRight(rest, options.writing.collection);
    if (groups.length < 2 || !isAboutOneCollection(error)) {
      for (const each of rest) each.reject(nothingDone(error));
      return;
    }
    for (const group of groups) await sendWrites(client, group, options);
  }
}

interface Outcomes {
  readonly results: readonly OperationResult[];
  readonly errors: readonly Pick<WriteError, "position">[];
}

function settle(
  writes: readonly PendingWrite[],
  { results, errors }: Outcomes,
): void {
  for (const { position, ...result } of results) {
    writes[position]?.resolve(result);
  }
  for (const each of errors as readonly WriteError[]) {
    writes[each.position]?.reject(documentError({ ...each, position: 0 }));
  }
}

/** @returns the writes with which nothing was done */
function settleFailed(
  writes: readonly PendingWrite[],
  error: unknown,
): readonly PendingWrite[] {
  if (!(error instanceof BatchError) || error.result === undefined) {
    return writes; // the call did not start
  }
  const { errors, unprocessed, result } = error as BatchError<
    Partial<Outcomes>
  >;
  const { results = [] } = result ?? {};
  settle(writes, { results, errors });
  const rest = new Set(unprocessed);
  // has no effect on a settled promise; no other promise may stay pending
  writes.forEach((write, i) => rest.has(i) || write.reject(error));
  return writes.filter((_, i) => rest.has(i));
}

/** The error of the call, as if the call had a single operation. */
function nothingDone(error: unknown): unknown {
  if (!(error instanceof BatchError)) return error;
  const { message, id, status, code, cause } = error;
  return new BatchError(message, {
    ...{ id, status, code, cause },
    unprocessed: [0],
  });
}

/**
 * Rights are granted by collection and kind of operation, so operations that share both
 * are rejected together or not at all. The first operations on each document precede
 * the second ones, and so on, which keeps the order per document.
 */
function groupsByRight(
  writes: readonly PendingWrite[],
  collection: string | undefined,
): readonly PendingWrite[][] {
  const seen = new Map<string, number>();
  const rounds: PendingWrite[][] = [];
  for (const write of writes) {
    const nth = write.target === undefined ? 0 : (seen.get(write.target) ?? 0);
    if (write.target !== undefined) seen.set(write.target, nth + 1);
    (rounds[nth] ??= []).push(write);
  }
  return rounds.flatMap((round) => [
    ...groupBy(round, ({ input }) => rightOf(input, collection)).values(),
  ]);
}

function rightOf(operation: Operation, collection: string | undefined): string {
  const [[name, document] = []] = Object.entries(operation);
  const own = (document as { collection?: string } | undefined)?.collection;
  return JSON.stringify([name, own ?? collection]);
}

async function sendGets(
  client: WriterClient,
  gets: readonly PendingGet[],
  { index, writing: { numbers, retryForMs, signal } }: RoundOptions,
): Promise<void> {
  if (gets.length === 0) return;
  const keys = gets.map(({ input }) => ({ index, ...input }));
  const loaded: readonly Loaded[] = await loadAll(client, keys, {
    ...(numbers !== undefined && { numbers }),
    ...(retryForMs !== undefined && { retryForMs }),
    ...(signal !== undefined && { signal }),
  });
  gets.forEach((get, i) => {
    const found = loaded[i] ?? null;
    if (found instanceof Error) get.reject(found);
    else get.resolve(found);
  });
}
