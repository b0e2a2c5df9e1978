import _ from "lodash";

import type { BulkDone, BulkItem } from "../ports/DocumentStore";
import type { ItemResult } from "../outcome";
import type { ExecutionContext } from "../ExecutionContext";
import type { RequestStats } from "../RequestStats";
import { bulkWrite, type BulkTarget } from "./bulkWrite";

/** An operation, and the collection that it is for. */
export interface AddressedItem {
  readonly collection: string;
  readonly item: BulkItem;
}

/**
 * As `bulkWrite`, of several collections of one index, side by side.
 *
 * @returns by position: what became of each item
 */
export async function bulkWriteAddressed(
  items: readonly AddressedItem[],
  target: Omit<BulkTarget, "collection">,
  execution: ExecutionContext,
  requestStats: RequestStats,
): Promise<ItemResult<BulkDone>[]> {
  const results = new Array<ItemResult<BulkDone>>(items.length);
  const positions = _.groupBy(_.range(items.length), (position) =>
    collectionAt(items, position),
  );
  await Promise.all(
    Object.entries(positions).map(async ([collection, own]) => {
      const done = await bulkWrite(
        own.map((position) => (items[position] as AddressedItem).item),
        { ...target, collection },
        execution,
        requestStats,
      );
      own.forEach((position, i) => {
        results[position] = done[i] as ItemResult<BulkDone>;
      });
    }),
  );
  return results;
}

function collectionAt(
  items: readonly AddressedItem[],
  position: number,
): string {
  return (items[position] as AddressedItem).collection;
}
