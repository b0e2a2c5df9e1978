import _ from "lodash";

import type { BulkDone, BulkPart, EngineAnswer } from "../ports/DocumentStore";
import type { Failure } from "../../types";
import { RawSource } from "../RawSource";
import { NOT_JSON, type ItemResult, type Outcome } from "../outcome";
import { placesOf } from "../dispatch/Part";
import type { ExecutionContext } from "../ExecutionContext";
import { readRaw } from "../read/readRaw";
import type { RequestStats } from "../RequestStats";
import type { RawDocument } from "../ports/DocumentStore";
import type { BulkTarget, WriteItem } from "./writeItems";

/**
 * One attempt to write items, in one call to the engine. Those of them that depend on
 * the document as it is are read before, and then written on condition that it is
 * still the same.
 *
 * @throws {EngineError} when the call as a whole failed
 */
export async function sendItems(
  items: readonly WriteItem[],
  target: BulkTarget,
  execution: ExecutionContext,
  stats: RequestStats,
): Promise<EngineAnswer<BulkDone>> {
  const reading = _.flatMap(items, ({ readsFirst }, i) =>
    readsFirst === undefined ? [] : [i],
  );
  if (reading.length === 0) {
    return sendBulk(items, target, execution, stats);
  }
  const found = await readRaw(
    target.index,
    reading.map((i) => items[i] as WriteItem),
    execution,
    stats,
  );
  const outcomes = new Array<Outcome<BulkDone>>(items.length);
  const before = new Map<number, RawDocument>();
  reading.forEach((i, nth) => {
    const now = found[nth] as ItemResult<RawDocument | null>;
    if (!now.ok) {
      outcomes[i] = { ok: false, failure: now.failure };
    } else if (now.value !== null) {
      if (now.value.notJson === true && needsSource(items[i] as WriteItem)) {
        outcomes[i] = { ok: false, failure: NOT_JSON };
      }
      before.set(i, now.value);
    } else if ((items[i] as WriteItem).precondition === undefined) {
      outcomes[i] = MISSING;
    }
  });

  const sendable = _.range(items.length).filter(
    (i) => outcomes[i] === undefined,
  );
  const answer: EngineAnswer<BulkDone> =
    sendable.length === 0
      ? { outcomes: [] }
      : await sendBulk(
          sendable.map((i) => onlyAsRead(items[i] as WriteItem, before.get(i))),
          target,
          execution,
          stats,
        );
  sendable.forEach((i, nth) => {
    outcomes[i] = afterReading(
      answer.outcomes[nth] as Outcome<BulkDone>,
      items[i] as WriteItem,
      before.get(i),
    );
  });
  return { ...answer, outcomes };
}

function needsSource({ readsFirst }: WriteItem): boolean {
  return readsFirst === "source";
}

function onlyAsRead(item: WriteItem, now: RawDocument | undefined): WriteItem {
  return now === undefined || item.precondition !== undefined
    ? item
    : {
        ...item,
        precondition: { ifSeqNo: now.seqNo, ifPrimaryTerm: now.primaryTerm },
      };
}

function afterReading(
  outcome: Outcome<BulkDone>,
  item: WriteItem,
  before: RawDocument | undefined,
): Outcome<BulkDone> {
  if (before === undefined) {
    return outcome;
  }
  if (outcome.ok) {
    return needsSource(item)
      ? {
          ok: true,
          value: {
            ...outcome.value,
            _source: RawSource.ofText(before.sourceText),
          },
        }
      : outcome;
  }
  const { failure } = outcome;
  // the condition was ours, so that a next attempt may succeed
  return failure.code === "version_conflict" && item.precondition === undefined
    ? { ok: false, failure: { ...failure, retryable: true } }
    : outcome;
}

const NOT_THERE: Failure = {
  status: 404,
  code: "not_found",
  reason: "There is no such document.",
  retryable: false,
};
const MISSING = { ok: false, failure: NOT_THERE } as const;

function sendBulk(
  items: readonly WriteItem[],
  { index, refresh, opaqueId }: BulkTarget,
  { dispatcher, store }: ExecutionContext,
  stats: RequestStats,
): Promise<EngineAnswer<BulkDone>> {
  return dispatcher.laneOf(refresh).send<readonly BulkPart[], BulkDone>({
    chunk: partsOf(index, items),
    size: items.length,
    bytes: _.sumBy(items, bytesOf),
    places: () => placesOf(index, items),
    // a call that has a name is one request's own
    kind: opaqueId === undefined ? `bulk ${refresh}` : undefined,
    stats,
    send: (chunks) => store.bulk(_.flatten(chunks), refresh, opaqueId),
  });
}

/** Successive items of one collection are a part: the engine answers in their order. */
function partsOf(index: string, items: readonly WriteItem[]): BulkPart[] {
  const parts: Array<{
    index: string;
    collection: string;
    items: WriteItem[];
  }> = [];
  for (const item of items) {
    const last = parts.at(-1);
    if (last?.collection === item.collection) {
      last.items.push(item);
    } else {
      parts.push({ index, collection: item.collection, items: [item] });
    }
  }
  return parts;
}

/** The size of an action's line without the id, with the longest condition. */
const ACTION_LINE_BYTES = 128;

/** In an id that has to be escaped, a few more: limits of calls are not that exact. */
export function bytesOf({ payload, _id, collection }: WriteItem): number {
  return (
    Buffer.byteLength(payload) +
    Buffer.byteLength(_id) +
    collection.length +
    ACTION_LINE_BYTES
  );
}
