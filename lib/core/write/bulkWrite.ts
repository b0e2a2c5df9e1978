import _ from "lodash";

import type { BulkDone, BulkItem, EngineAnswer } from "../ports/DocumentStore";
import type { Failure } from "../../types";
import type { Refresh } from "../commands";
import type { ItemResult } from "../outcome";
import type { ExecutionContext } from "../ExecutionContext";
import { withoutOwnConflicts } from "./ownConflicts";
import { planChunks, planWaves } from "../planning/chunks";
import { sendWithRetries } from "../retry/sendWithRetries";
import type { RequestStats } from "../RequestStats";

/** Where a bulk goes, and how. */
export interface BulkTarget {
  readonly index: string;
  readonly collection: string;
  readonly refresh: Refresh;
  /** how often a version conflict of an unconditional update is tried again */
  readonly conflictRetries: number;
  /** see `withoutOwnConflicts`; not where a journal tells more */
  readonly looksIntoConflicts?: boolean;
  /** names the calls in the engine's list of tasks */
  readonly opaqueId?: string;
}

/** What an action's line takes beside the id, with the longest condition. */
const ACTION_LINE_BYTES = 128;

/**
 * Writes any number of documents into one collection, in calls that respect
 * the engine's limits. Repeats of an id are applied in the request's order:
 * each wave is settled, retries included, before the next one starts.
 *
 * @returns by position: what became of each item
 */
export async function bulkWrite(
  items: readonly BulkItem[],
  target: BulkTarget,
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<BulkDone>[]> {
  const { writeChunkDocuments, writeChunkBytes } = execution.limits;
  const results = new Array<ItemResult<BulkDone>>(items.length);
  const inDoubt = new Set<string>();

  const bytes = new Map(items.map((item) => [item, bytesOf(item)]));
  const bytesAt = (position: number): number =>
    bytes.get(items[position] as BulkItem) as number;

  for (const wave of planWaves(items.map(({ _id }) => _id))) {
    const sendable: number[] = [];
    for (const position of wave) {
      if (inDoubt.has((items[position] as BulkItem)._id)) {
        results[position] = { ok: false, failure: BLOCKED, attempts: 0 };
      } else {
        sendable.push(position);
      }
    }
    const outcomes = await sendWithRetries<BulkItem, BulkDone>(
      items,
      {
        chunks: planChunks(sendable, bytesAt, {
          maxCount: writeChunkDocuments,
          maxBytes: writeChunkBytes,
        }),
        send: (chunk) =>
          sendChunk(chunk, bytes, target, execution, requestStats),
        conflictRetries: (item) =>
          isUnconditionalUpdate(item) ? target.conflictRetries : 0,
      },
      execution,
      requestStats,
    );
    for (const position of sendable) {
      const outcome = outcomes[position] as ItemResult<BulkDone>;
      results[position] = outcome;
      if (!outcome.ok && outcome.failure.code === "unknown_outcome") {
        inDoubt.add((items[position] as BulkItem)._id);
      }
    }
    if (target.looksIntoConflicts === true) {
      const judged = await withoutOwnConflicts(
        sendable.map((position) => items[position] as BulkItem),
        sendable.map((position) => results[position] as ItemResult<BulkDone>),
        target,
        execution,
        requestStats,
      );
      sendable.forEach((position, i) => {
        results[position] = judged[i] as ItemResult<BulkDone>;
      });
    }
  }
  return results;
}

function sendChunk(
  items: readonly BulkItem[],
  bytes: ReadonlyMap<BulkItem, number>,
  { index, collection, refresh, opaqueId }: BulkTarget,
  { dispatcher, store }: ExecutionContext,
  stats: RequestStats,
): Promise<EngineAnswer<BulkDone>> {
  return dispatcher.laneOf(refresh).send({
    chunk: { index, collection, items },
    size: items.length,
    bytes: _.sumBy(items, (item) => bytes.get(item) as number),
    places: [`${index}/${collection}`],
    // a call that has a name is one request's own
    kind: opaqueId === undefined ? `bulk ${refresh}` : undefined,
    stats,
    send: (parts) => store.bulk(parts, refresh, opaqueId),
  });
}

/** In an id that has to be escaped, a few more: limits of calls are not that exact. */
function bytesOf({ payload, _id }: BulkItem): number {
  return (
    Buffer.byteLength(payload) + Buffer.byteLength(_id) + ACTION_LINE_BYTES
  );
}

/**
 * An earlier write of the same id may still be applied by the engine, and
 * would then undo a later one: so the later one is not sent.
 */
const BLOCKED: Failure = {
  status: 503,
  code: "unavailable",
  reason:
    "Not sent: it is not known what became of an earlier write of the same id in this request.",
  retryable: false,
};

function isUnconditionalUpdate(item: BulkItem): boolean {
  return item.operation === "update" && item.precondition === undefined;
}
