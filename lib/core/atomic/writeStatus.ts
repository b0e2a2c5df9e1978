import type { BulkDone } from "../ports/DocumentStore";
import type { Address } from "../../types";
import type { ItemResult } from "../outcome";
import { addressKey } from "../ports/JournalStore";
import type { WriteStatus } from "./decideRollback";

/** Keyed by `addressKey`; documents that may be in flight have no entry. */
export type WriteStatuses = ReadonlyMap<string, WriteStatus>;

/** For a batch whose responses from the engine nobody has any more. */
export const NOTHING_KNOWN: WriteStatuses = new Map();

/** Returns what the engine's response proves. */
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

/** @param results by position, for these addresses */
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
