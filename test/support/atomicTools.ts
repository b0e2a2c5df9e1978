import type {
  AtomicContext,
  AtomicTimes,
} from "../../lib/core/atomic/AtomicContext";
import type { ExecutionContext } from "../../lib/core/ExecutionContext";
import type { FakeJournals } from "./FakeJournals";

export const TIMES: AtomicTimes = {
  leaseMs: 2_000,
  tombstoneMs: 5_000,
  taskWaitMs: 1_000,
};

/** The tools of a node whose clock starts at a round time. */
export function atomicTools(
  execution: ExecutionContext,
  journals: FakeJournals,
): AtomicContext {
  return {
    execution,
    journals,
    times: TIMES,
    maxJournalBytes: 1_000,
    nodeId: "node",
    epoch: () => 1_000_000 + execution.clock.now(),
  };
}
