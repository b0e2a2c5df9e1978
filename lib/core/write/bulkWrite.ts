import _ from "lodash";

import { EngineError, type BulkDone } from "../ports/DocumentStore";
import type { Failure } from "../../types";
import type { ItemResult } from "../outcome";
import type { ExecutionContext } from "../ExecutionContext";
import { mayBeOwnConflict, withoutOwnConflicts } from "./ownConflicts";
import { planChunks, planWaves } from "../planning/chunks";
import { retryAfterRejection } from "../retry/retryAfterRejection";
import { sendWithRetries } from "../retry/sendWithRetries";
import type { RequestStats } from "../RequestStats";
import { giveTurn, needsTurns } from "../turns";
import { bytesOf, sendItems } from "./sendItems";
import type { BulkTarget, WriteItem } from "./writeItems";

/**
 * Writes any number of documents to collections of one index, in calls that respect the
 * engine's limits. Operations on the same document run in the order of the request:
 * each wave has its results, retries included, before the next one starts.
 *
 * Only the last write of a document waits for its refresh, in parallel with the next
 * waves. Otherwise a thousand writes of one document would wait a thousand times.
 *
 * @returns by position: the result of each item
 */
export async function bulkWrite(
  items: readonly WriteItem[],
  target: BulkTarget,
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<BulkDone>[]> {
  if (target.beforeFirstWrite) await target.beforeFirstWrite();
  const addresses = items.map(addressOf);
  const waves = planWaves(addresses);
  const sender = new WaveSender(
    items,
    addresses,
    waves.length > 1,
    execution,
    requestStats,
  );
  if (needsTurns(items.length)) await giveTurn();

  if (waves.length === 1 || target.refresh === "false") {
    for (const wave of waves) {
      await sender.send(wave, target);
    }
    return sender.results;
  }
  const lastOf = new Map(addresses.map((address, i) => [address, i]));
  const isLast = (position: number): boolean =>
    lastOf.get(addresses[position] as string) === position;
  const waiting = new Waiting();
  for (const wave of waves) {
    const [last, followed] = _.partition(wave, isLast);
    waiting.add(sender.send(last, target));
    await sender.send(followed, { ...target, refresh: "false" });
  }
  await waiting.end();
  await refreshWritten(sender.results, items, isLast, target, execution);
  return sender.results;
}

/**
 * Promises that run in parallel with other work, and may reject before anybody awaits
 * them.
 */
class Waiting {
  private readonly all: Promise<void>[] = [];
  private readonly failures: unknown[] = [];

  add(work: Promise<void>): void {
    this.all.push(
      work.catch((error: unknown) => {
        this.failures.push(error);
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.all);
    if (this.failures.length > 0) {
      throw this.failures[0];
    }
  }
}

/** Sends the waves of one request, one after the other. */
class WaveSender {
  readonly results: ItemResult<BulkDone>[];
  private readonly withUnknownOutcome = new Set<string>();
  /** only used if documents occur more than once */
  private readonly written = new Map<string, BulkDone>();

  constructor(
    private readonly items: readonly WriteItem[],
    private readonly addresses: readonly string[],
    private readonly hasRepeats: boolean,
    private readonly execution: ExecutionContext,
    private readonly requestStats: RequestStats,
  ) {
    this.results = new Array<ItemResult<BulkDone>>(items.length);
  }

  async send(wave: readonly number[], target: BulkTarget): Promise<void> {
    const { items, addresses, results, execution, requestStats } = this;
    const { writeChunkDocuments, writeChunkBytes } = execution.limits;
    const sendable: number[] = [];
    for (const position of wave) {
      if (this.withUnknownOutcome.has(addresses[position] as string)) {
        results[position] = { ok: false, failure: BLOCKED, attempts: 0 };
      } else {
        sendable.push(position);
      }
    }
    if (sendable.length === 0) {
      return;
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
        this.withUnknownOutcome.add(addresses[position] as string);
      }
    }
    if (target.looksIntoConflicts === true && this.hasToJudge(sendable)) {
      await this.judgeConflicts(sendable, target);
    }
  }

  private hasToJudge(sent: readonly number[]): boolean {
    const { items, results, hasRepeats } = this;
    return (
      hasRepeats ||
      sent.some((position) =>
        mayBeOwnConflict(items[position] as WriteItem, results[position]),
      )
    );
  }

  private async judgeConflicts(
    sent: readonly number[],
    target: BulkTarget,
  ): Promise<void> {
    const { items, addresses, results, written } = this;
    const judged = await withoutOwnConflicts(
      sent.map((position) => items[position] as WriteItem),
      sent.map((position) => results[position] as ItemResult<BulkDone>),
      (item) => written.get(addressOf(item)),
      target,
      this.execution,
      this.requestStats,
    );
    sent.forEach((position, i) => {
      const result = judged[i] as ItemResult<BulkDone>;
      results[position] = result;
      if (result.ok && this.hasRepeats) {
        written.set(addresses[position] as string, result.value);
      }
    });
  }
}

/**
 * If the last write of a document failed, an earlier one has not waited for any
 * refresh.
 */
async function refreshWritten(
  results: ItemResult<BulkDone>[],
  items: readonly WriteItem[],
  isLast: (position: number) => boolean,
  { index }: BulkTarget,
  execution: ExecutionContext,
): Promise<void> {
  const failed = new Set(
    _.flatMap(items, (item, i) =>
      isLast(i) && results[i]?.ok === false ? [addressOf(item)] : [],
    ),
  );
  const hidden = _.range(items.length).filter(
    (i) =>
      results[i]?.ok === true && failed.has(addressOf(items[i] as WriteItem)),
  );
  if (hidden.length === 0) {
    return;
  }
  const collections = _.uniq(
    hidden.map((i) => (items[i] as WriteItem).collection),
  );
  try {
    await retryAfterRejection(execution, () =>
      execution.store.refresh(index, collections),
    );
  } catch (error) {
    if (!(error instanceof EngineError)) {
      throw error;
    }
    for (const i of hidden) {
      const { attempts } = results[i] as ItemResult<BulkDone>;
      results[i] = { ok: false, failure: NOT_REFRESHED, attempts };
    }
  }
}

const NOT_REFRESHED: Failure = {
  status: 500,
  code: "unknown_outcome",
  reason:
    "Written, but Elasticsearch did not confirm that searches can find it yet.",
  retryable: false,
};

/**
 * The engine may still apply an earlier write of the same document, which would then
 * overwrite a later one, so the later one is not sent.
 */
const BLOCKED: Failure = {
  status: 503,
  code: "unavailable",
  reason:
    "Not sent: the outcome of an earlier write of the same document in this request is unknown.",
  retryable: false,
};

/**
 * A deletion is only conditional so that its subscribers learn what was deleted. It
 * must not fail because of that, however few retries are allowed.
 */
const DELETION_RETRIES = 10;

/**
 * An item may be retried if what it depends on is read again, by the engine or by us.
 */
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

/** Unambiguous, since no collection has a slash in its name. */
function addressOf({ collection, _id }: WriteItem): string {
  return `${collection}/${_id}`;
}
