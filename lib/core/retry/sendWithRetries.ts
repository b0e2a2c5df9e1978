import assert from "node:assert";

import _ from "lodash";

import { EngineError, type EngineAnswer } from "../ports/DocumentStore";
import type { Failure } from "../../types";
import type { ItemResult, Outcome } from "../outcome";
import type { RetryCause } from "./Backoff";
import type { ExecutionContext } from "../ExecutionContext";
import type { RequestStats } from "../RequestStats";

/** How items are sent. */
export interface CallPlan<Item, Value> {
  /**
   * One attempt, which should go through a lane of the dispatcher.
   *
   * @throws {EngineError} when the call as a whole failed
   */
  send(items: readonly Item[]): Promise<EngineAnswer<Value>>;
  /** how often this item may be retried after a version conflict */
  conflictRetries?(item: Item): number;
}

/** How to send a list of items that may be too long for one call. */
export interface SendPlan<Item, Value> extends CallPlan<Item, Value> {
  /** positions of the items in order, one list per call */
  readonly chunks: readonly (readonly number[])[];
}

/** What has happened to one item so far. */
interface Attempts {
  sent: number;
  rejections: number;
  conflicts: number;
  /** an attempt ended so, and may have been executed all the same */
  doubt?: Failure;
}

/**
 * Sends items chunk by chunk, as parallel as their lane allows, and retries exactly
 * those that may be sent again.
 *
 * @returns by position: the final result of each item
 */
export async function sendWithRetries<Item, Value>(
  items: readonly Item[],
  sending: SendPlan<Item, Value>,
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<Array<ItemResult<Value> | undefined>> {
  const { chunks } = sending;
  if (chunks.length === 1 && chunks[0]?.length === items.length) {
    return sendCallWithRetries(items, sending, execution, requestStats);
  }
  const results = new Array<ItemResult<Value> | undefined>(items.length);

  await Promise.all(
    chunks.map(async (chunk) => {
      const chunkResults = await sendCallWithRetries(
        chunk.map((position) => items[position] as Item),
        sending,
        execution,
        requestStats,
      );
      chunk.forEach((position, i) => {
        results[position] = chunkResults[i];
      });
    }),
  );
  return results;
}

/**
 * Like `sendWithRetries`, for items that fit into one call.
 *
 * @returns by position
 */
export async function sendCallWithRetries<Item, Value>(
  items: readonly Item[],
  sending: CallPlan<Item, Value>,
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<Value>[]> {
  const results = new Array<ItemResult<Value>>(items.length);
  // for the few that did not succeed at once
  const attemptsOf = new Map<number, Attempts>();
  const { maxRetries } = execution.backoff.policy;
  let pending = _.range(items.length);

  while (pending.length > 0) {
    const batch =
      pending.length === items.length
        ? items
        : pending.map((position) => items[position] as Item);
    const { outcomes, mayBeSentAgain } = await sendOnce(batch, sending);
    const again: number[] = [];
    let delayMs = 0;

    pending.forEach((position, i) => {
      const outcome = outcomes[i] as Outcome<Value>;
      if (outcome.ok) {
        const attempts = (attemptsOf.get(position)?.sent ?? 0) + 1;
        results[position] = { ok: true, value: outcome.value, attempts };
        return;
      }
      const attempts = attemptsOf.get(position) ?? newAttempts();
      attempts.sent++;
      const { failure } = outcome;
      if (failure.code === "unknown_outcome") attempts.doubt = failure;
      const cause = causeOf(failure, mayBeSentAgain);
      const isAllowed =
        cause === "conflict"
          ? ++attempts.conflicts <=
            (sending.conflictRetries?.(batch[i] as Item) ?? 0)
          : cause === "rejected" && ++attempts.rejections <= maxRetries;
      requestStats.conflicts += cause === "conflict" ? 1 : 0;
      if (cause === undefined || !isAllowed) {
        // a deletion that was executed at first finds no document the second time
        results[position] = {
          ok: false,
          failure: attempts.doubt ?? failure,
          attempts: attempts.sent,
        };
        return;
      }
      delayMs = Math.max(
        delayMs,
        execution.backoff.delayMs(cause, attempts.sent),
      );
      requestStats.retries++;
      requestStats.conflictRetries += cause === "conflict" ? 1 : 0;
      attemptsOf.set(position, attempts);
      again.push(position);
    });

    pending = again;
    if (pending.length > 0) {
      await execution.clock.sleep(delayMs);
    }
  }
  return results;
}

interface Sent<Value> {
  readonly outcomes: readonly Outcome<Value>[];
  /** whether an item that failed in this way may be sent again */
  readonly mayBeSentAgain: (failure: Failure) => boolean;
}

/** One attempt. If the call fails, so does each item. */
async function sendOnce<Item, Value>(
  items: readonly Item[],
  sending: CallPlan<Item, Value>,
): Promise<Sent<Value>> {
  try {
    const { outcomes } = await sending.send(items);
    assert.equal(outcomes.length, items.length, "answers are lost");
    return { outcomes, mayBeSentAgain: isRejection };
  } catch (error) {
    if (!(error instanceof EngineError)) {
      throw error;
    }
    const { failure, retryable } = error;
    return {
      outcomes: items.map(() => ({ ok: false, failure })),
      mayBeSentAgain: () => retryable,
    };
  }
}

/** The reason for which an item may be sent again, if it may. */
function causeOf(
  failure: Failure,
  mayBeSentAgain: Sent<unknown>["mayBeSentAgain"],
): RetryCause | undefined {
  if (failure.code === "version_conflict") {
    return "conflict";
  }
  return mayBeSentAgain(failure) ? "rejected" : undefined;
}

function newAttempts(): Attempts {
  return { sent: 0, rejections: 0, conflicts: 0 };
}

/** The engine rejected this item: with 429 certainly, with 503 most likely. */
function isRejection({ status }: Failure): boolean {
  return status === 429 || status === 503;
}
