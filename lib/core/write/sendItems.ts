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
 * One attempt to write items, in one call to the engine. Items that depend on the
 * current state of their document are read first, and written on condition that it has
 * not changed.
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
  // the plugin added the condition, so another attempt may succeed
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
    // a call with a name belongs to one request only
    kind: opaqueId === undefined ? `bulk ${refresh}` : undefined,
    stats,
    send: (chunks) => store.bulk(_.flatten(chunks), refresh, opaqueId),
  });
}

/**
 * Groups successive items of one collection into a part: the engine answers in order.
 */
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

/** The size of an action line without the id, with the longest possible condition. */
const ACTION_LINE_BYTES = 128;

/**
 * Ignores the few bytes of escapes in an id: the limits of calls are not that exact.
 */
export function bytesOf({ payload, _id, collection }: WriteItem): number {
  return (
    Buffer.byteLength(payload) +
    Buffer.byteLength(_id) +
    collection.length +
    ACTION_LINE_BYTES
  );
}
