import assert from "node:assert";

import { EngineError, type EngineAnswer } from "../ports/DocumentStore";
import type { Failure, Outcome, Settled } from "../../types";
import type { RepeatCause } from "./Backoff";
import type { Engine } from "../ExecutionContext";
import type { Tally } from "../RequestStats";

/** How a list of items is sent. */
export interface Sending<Item, Value> {
  /** positions of the items, one list per call */
  readonly chunks: readonly (readonly number[])[];
  /** @throws {EngineError} when the call as a whole failed */
  send(items: readonly Item[]): Promise<EngineAnswer<Value>>;
  /** how often a version conflict of this item may be tried again */
  conflictRetries?(item: Item): number;
}

/** How often an item met what, so far. */
interface Attempts {
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
  for (const chunk of sending.chunks) {
    for (const position of chunk) {
      assert(settled[position] !== undefined, `item ${position} was lost`);
    }
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
  // of the few that did not come through at once
  const attemptsOf = new Map<number, Attempts>();
  let pending = chunk;

  while (pending.length > 0) {
    const batch = pending.map((position) => items[position] as Item);
    const { outcomes, mayBeSentAgain } = await sendOnce(
      batch,
      sending,
      engine,
      tally,
    );
    const again: number[] = [];
    let delayMs = 0;

    pending.forEach((position, i) => {
      const outcome = outcomes[i] as Outcome<Value>;
      if (outcome.ok) {
        const attempts = (attemptsOf.get(position)?.sent ?? 0) + 1;
        settled[position] = { ok: true, value: outcome.value, attempts };
        return;
      }
      const attempts = attemptsOf.get(position) ?? newAttempts();
      attempts.sent++;
      const { failure } = outcome;
      const cause = repeatCause(failure, attempts, batch[i] as Item);
      if (cause === undefined) {
        settled[position] = { ok: false, failure, attempts: attempts.sent };
        return;
      }
      delayMs = Math.max(delayMs, engine.backoff.delayMs(cause, attempts.sent));
      tally.retries++;
      tally.conflictRetries += cause === "conflict" ? 1 : 0;
      attemptsOf.set(position, attempts);
      again.push(position);
    });

    pending = again;
    if (pending.length > 0) {
      await engine.clock.sleep(delayMs);
    }

    /** Counts what happened to the item, and says whether it goes once more. */
    function repeatCause(
      failure: Failure,
      attempts: Attempts,
      item: Item,
    ): RepeatCause | undefined {
      if (failure.code === "version_conflict") {
        tally.conflicts++;
        attempts.conflicts++;
        const allowed = sending.conflictRetries?.(item) ?? 0;
        return attempts.conflicts <= allowed ? "conflict" : undefined;
      }
      if (!mayBeSentAgain(failure)) {
        return undefined;
      }
      attempts.rejections++;
      return attempts.rejections <= engine.backoff.policy.maxRetries
        ? "rejected"
        : undefined;
    }
  }
}

function newAttempts(): Attempts {
  return { sent: 0, rejections: 0, conflicts: 0 };
}

interface CallAnswer<Value> {
  readonly outcomes: readonly Outcome<Value>[];
  readonly mayBeSentAgain: (failure: Failure) => boolean;
}

/** One call under the limiter; a failure of the call is one of each item. */
async function sendOnce<Item, Value>(
  batch: readonly Item[],
  sending: Sending<Item, Value>,
  engine: Engine,
  tally: Tally,
): Promise<CallAnswer<Value>> {
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
        return { outcomes: answer.outcomes, mayBeSentAgain: itemWasNotTaken };
      } catch (error) {
        if (!(error instanceof EngineError)) {
          throw error;
        }
        tally.engineTookMs += clock.now() - startedAt;
        const { failure, refused } = error;
        return {
          outcomes: batch.map(() => ({ ok: false, failure }) as const),
          mayBeSentAgain: () => refused,
        };
      }
    },
    ({ outcomes }) =>
      outcomes.some((each) => !each.ok && each.failure.code === "rejected"),
  );
}

/** The engine says of a single item that it has done nothing with it. */
function itemWasNotTaken(failure: Failure): boolean {
  return failure.status === 429 || failure.status === 503;
}
