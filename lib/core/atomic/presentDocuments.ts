import type { Address, Failure } from "../../types";
import type { ExecutionContext } from "../ExecutionContext";
import { readRaw } from "../read/readRaw";
import type { RequestStats } from "../RequestStats";
import type { PresentDocument } from "./decideRollback";

/** The engine is out of reach; what is not restored now may be restored later. */
export class RollbackInterrupted extends Error {}

/**
 * Reads documents by realtime get, byte for byte.
 *
 * @param isNone which failures count as a response that the document does not exist
 * @returns by position; null for a document that does not exist
 * @throws {RollbackInterrupted} when one of them can't be read
 */
export async function readPresent(
  index: string,
  addresses: readonly Address[],
  execution: ExecutionContext,
  requestStats: RequestStats,
  isNone: (failure: Failure) => boolean = () => false,
): Promise<Array<PresentDocument | null>> {
  const results = await readRaw(index, addresses, execution, requestStats);
  return results.map((result) => {
    if (result.ok) {
      return result.value;
    }
    if (isNone(result.failure)) {
      return null;
    }
    throw new RollbackInterrupted(result.failure.reason);
  });
}
