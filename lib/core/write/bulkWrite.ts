import type { BulkDone } from "../ports/DocumentStore";
import type { Failure } from "../../types";
import type { ItemResult } from "../outcome";
import type { ExecutionContext } from "../ExecutionContext";
import { withoutOwnConflicts } from "./ownConflicts";
import { planChunks, planWaves } from "../planning/chunks";
import { sendWithRetries } from "../retry/sendWithRetries";
import type { RequestStats } from "../RequestStats";
import { giveTurn, needsTurns } from "../turns";
import { bytesOf, sendItems } from "./sendItems";
import type { BulkTarget, WriteItem } from "./writeItems";

/**
 * Writes any number of documents into collections of one index, in calls that
 * respect the engine's limits. What is done to one document is done in the request's
 * order: each wave has its results, retries included, before the next one starts.
 *
 * @returns by position: what became of each item
 */
export async function bulkWrite(
  items: readonly WriteItem[],
  target: BulkTarget,
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<BulkDone>[]> {
  const { writeChunkDocuments, writeChunkBytes } = execution.limits;
  await target.beforeFirstWrite?.();
  const results = new Array<ItemResult<BulkDone>>(items.length);
  const addresses = items.map(addressOf);
  const withUnknownOutcome = new Set<string>();

  const waves = planWaves(addresses);
  // of documents that come more than once
  const written = new Map<string, BulkDone>();
  if (needsTurns(items.length)) await giveTurn();

  for (const wave of waves) {
    const sendable: number[] = [];
    for (const position of wave) {
      if (withUnknownOutcome.has(addresses[position] as string)) {
        results[position] = { ok: false, failure: BLOCKED, attempts: 0 };
      } else {
        sendable.push(position);
      }
    }
    const outcomes = await sendWithRetries<WriteItem, BulkDone>(
      items,
      {
        chunks: planChunks(
          sendable,
          (position) => bytesOf(items[position] as WriteItem),
          { maxCount: writeChunkDocuments, maxSize: writeChunkBytes },
        ),
        send: (chunk) => sendItems(chunk, target, execution, requestStats),
        conflictRetries: (item) => conflictRetries(item, target),
      },
      execution,
      requestStats,
    );
    for (const position of sendable) {
      const outcome = outcomes[position] as ItemResult<BulkDone>;
      results[position] = outcome;
      if (!outcome.ok && outcome.failure.code === "unknown_outcome") {
        withUnknownOutcome.add(addresses[position] as string);
      }
    }
    if (target.looksIntoConflicts === true) {
      const judged = await withoutOwnConflicts(
        sendable.map((position) => items[position] as WriteItem),
        sendable.map((position) => results[position] as ItemResult<BulkDone>),
        (item) => written.get(addressOf(item)),
        target,
        execution,
        requestStats,
      );
      sendable.forEach((position, i) => {
        const result = judged[i] as ItemResult<BulkDone>;
        results[position] = result;
        if (result.ok && waves.length > 1) {
          written.set(addresses[position] as string, result.value);
        }
      });
    }
  }
  return results;
}

/**
 * An earlier write of the same document may still be applied by the engine, and
 * would then overwrite a later one: so the later one is not sent.
 */
const BLOCKED: Failure = {
  status: 503,
  code: "unavailable",
  reason:
    "Not sent: it is not known what became of an earlier write of the same document in this request.",
  retryable: false,
};

/**
 * A deletion is only conditional so that its subscribers learn what was deleted. It
 * must not fail for that, however few retries are allowed.
 */
const DELETION_RETRIES = 10;

/** An item is sent again if what it depends on is read anew, by the engine or by us. */
function conflictRetries(
  { operation, precondition, readsFirst }: WriteItem,
  target: BulkTarget,
): number {
  const isRepeatable =
    precondition === undefined &&
    (operation === "update" || readsFirst !== undefined);
  if (!isRepeatable) {
    return 0;
  }
  return operation === "delete"
    ? Math.max(target.conflictRetries, DELETION_RETRIES)
    : target.conflictRetries;
}

/** No name of a collection has a slash in it. */
function addressOf({ collection, _id }: WriteItem): string {
  return `${collection}/${_id}`;
}
