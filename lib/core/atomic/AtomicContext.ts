import type { JournalStore } from "../ports/JournalStore";
import type { ExecutionContext } from "../ExecutionContext";

/** Waits of the atomic protocol, in milliseconds; settings, to test in short. */
export interface AtomicTimes {
  /** how long a node has a journal to itself */
  readonly leaseMs: number;
  /** how long a final journal stays: past the engine's own time-out */
  readonly tombstoneMs: number;
  /** how long to wait for a bulk of which the answer was lost */
  readonly taskWaitMs: number;
}

/** What the steps of an atomic batch work with. */
export interface AtomicContext {
  readonly execution: ExecutionContext;
  readonly journals: JournalStore;
  readonly times: AtomicTimes;
  /** how much a journal may hold of what a batch replaces */
  readonly maxJournalBytes: number;
  readonly nodeId: string;
  /** milliseconds since the epoch, as leases need them */
  readonly epoch: () => number;
}

/** Documents of one collection, and of none that has its name later. */
export function pinnedTo(uuid: string, tools: AtomicContext): AtomicContext {
  const { execution } = tools;
  return {
    ...tools,
    execution: { ...execution, store: execution.store.pinnedTo(uuid) },
  };
}

/** How often somebody who waits looks again. */
export const POLL_MS = 100;
