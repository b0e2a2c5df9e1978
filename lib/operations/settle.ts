import assert from "node:assert";

import { EngineError, type EngineAnswer } from "../storage/DocumentStore";
import type { Failure, Outcome, Settled } from "../types";
import type { RepeatCause } from "./backoff";
import type { Engine } from "./engine";
import type { Tally } from "./tally";

/** How a list of items is sent. */
export interface Sending<Item, Value> {
  /** positions of the items, one list per call */
  readonly chunks: readonly (readonly number[])[];
  /** @throws {EngineError} when the call as a whole failed */
  send(items: readonly Item[]): Promise<EngineAnswer<Value>>;
  /** how often a version conflict of this item may be tried again */
  conflictRetries?(item: Item): number;
}

/** One item on its way: where it stands and how often it was sent. */
interface Attempt {
  readonly position: number;
  sent: number;
  rejections: number;
  conflicts: number;
}

/**
 * Sends items chunk by chunk, several at a time under the node's limiter, and
 * sends again those, and only those, that may be sent again.
 *
 * @returns by position: what finally became of each item
 */
export async function settle<Item, Value>(
  items: readonly Item[],
  sending: Sending<Item, Value>,
  engine: Engine,
  tally: Tally,
): Promise<Array<Settled<Value> | undefined>> {
  const settled = new Array<Settled<Value> | undefined>(items.length);

  await Promise.all(
    sending.chunks.map((chunk) =>
      settleChunk(chunk, items, sending, engine, tally, settled),
    ),
  );
  for (const position of sending.chunks.flat()) {
    assert(settled[position] !== undefined, `item ${position} was lost`);
  }
  return settled;
}

async function settleChunk<Item, Value>(
  chunk: readonly number[],
  items: readonly Item[],
  sending: Sending<Item, Value>,
  engine: Engine,
  tally: Tally,
  settled: Array<Settled<Value> | undefined>,
): Promise<void> {
  let pending: Attempt[] = chunk.map((position) => ({
    position,
    sent: 0,
    rejections: 0,
    conflicts: 0,
  }));

  while (pending.length > 0) {
    const batch = pending.map(({ position }) => items[position] as Item);
    const outcomes = await sendOnce(batch, sending, engine, tally);
    const again: Attempt[] = [];
    let delayMs = 0;

    pending.forEach((attempt, i) => {
      const outcome = outcomes[i] as CallOutcome<Value>;
      attempt.sent++;
      const cause = repeatCause(outcome, attempt, batch[i] as Item);
      if (cause === undefined) {
        settled[attempt.position] = { ...outcome.item, attempts: attempt.sent };
        return;
      }
      delayMs = Math.max(delayMs, engine.backoff.delayMs(cause, attempt.sent));
      tally.retries++;
      tally.conflictRetries += cause === "conflict" ? 1 : 0;
      again.push(attempt);
    });

    pending = again;
    if (pending.length > 0) {
      await engine.clock.sleep(delayMs);
    }
  }

  /** Counts what happened to the item, and says whether it goes once more. */
  function repeatCause(
    outcome: CallOutcome<Value>,
    attempt: Attempt,
    item: Item,
  ): RepeatCause | undefined {
    if (outcome.item.ok) {
      return undefined;
    }
    if (outcome.item.failure.code === "version_conflict") {
      tally.conflicts++;
      attempt.conflicts++;
      const allowed = sending.conflictRetries?.(item) ?? 0;
      return attempt.conflicts <= allowed ? "conflict" : undefined;
    }
    if (!outcome.mayBeSentAgain) {
      return undefined;
    }
    attempt.rejections++;
    return attempt.rejections <= engine.backoff.policy.maxRetries
      ? "rejected"
      : undefined;
  }
}

interface CallOutcome<Value> {
  readonly item: Outcome<Value>;
  readonly mayBeSentAgain: boolean;
}

/** One call under the limiter; a failure of the call is one of each item. */
async function sendOnce<Item, Value>(
  batch: readonly Item[],
  sending: Sending<Item, Value>,
  engine: Engine,
  tally: Tally,
): Promise<CallOutcome<Value>[]> {
  const { clock, limiter } = engine;
  const queuedAt = clock.now();

  return limiter.run(
    async () => {
      const startedAt = clock.now();
      tally.queueMs += startedAt - queuedAt;
      tally.engineCalls++;
      try {
        const answer = await sending.send(batch);
        tally.engineTookMs += answer.tookMs ?? clock.now() - startedAt;
        assert.equal(answer.outcomes.length, batch.length, "answers are lost");
        return answer.outcomes.map((item) => ({
          item,
          mayBeSentAgain: !item.ok && itemWasNotTaken(item.failure),
        }));
      } catch (error) {
        if (!(error instanceof EngineError)) {
          throw error;
        }
        tally.engineTookMs += clock.now() - startedAt;
        const item = { ok: false, failure: error.failure } as const;
        return batch.map(() => ({ item, mayBeSentAgain: error.refused }));
      }
    },
    (outcomes) =>
      outcomes.some(({ item }) => !item.ok && item.failure.code === "rejected"),
  );
}

/** The engine says of a single item that it has done nothing with it. */
function itemWasNotTaken(failure: Failure): boolean {
  return failure.status === 429 || failure.status === 503;
}
