import type { BulkDone } from "../ports/DocumentStore";
import type { Address } from "../../types";
import type { ItemResult } from "../outcome";
import { addressKey } from "../ports/JournalStore";
import type { WriteStatus } from "./decideRollback";

/** By `addressKey`: those that are maybe in flight are left out. */
export type WriteStatuses = ReadonlyMap<string, WriteStatus>;

/** Nobody has the engine's answers any more. */
export const NOTHING_KNOWN: WriteStatuses = new Map();

/** What the engine's answer says for sure. */
export function statusOf(
  result: ItemResult<BulkDone>,
): WriteStatus | undefined {
  if (result.ok) {
    const { _seq_no, _primary_term } = result.value;
    return { seqNo: _seq_no, primaryTerm: _primary_term };
  }
  const { code, status } = result.failure;
  if (code === "unknown_outcome" || code === "other" || status === 503) {
    return undefined;
  }
  if (code === "version_conflict" || status === 429) {
    return result.attempts > 1 ? undefined : "conflicted";
  }
  return "not written";
}

/** @param results by position, of these addresses */
export function statusesOf(
  addresses: readonly Address[],
  results: readonly ItemResult<BulkDone>[],
): WriteStatuses {
  return new Map(
    addresses.flatMap((address, i) => {
      const status = statusOf(results[i] as ItemResult<BulkDone>);
      return status === undefined
        ? []
        : [[addressKey(address), status] as const];
    }),
  );
}
