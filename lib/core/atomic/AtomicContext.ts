import type { JournalCollection, JournalStore } from "../ports/JournalStore";
import type { ExecutionContext } from "../ExecutionContext";

/** Waits of the atomic protocol, in milliseconds; settings, to test in short. */
export interface AtomicTimes {
  /** how long a node has a journal to itself */
  readonly leaseMs: number;
  /** how long a final journal stays: past the engine's own time-out */
  readonly tombstoneMs: number;
  /** how long to wait for a bulk whose answer was lost */
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

/** Documents of these collections, and of none that has the name of one later. */
export function pinnedTo(
  collections: readonly JournalCollection[],
  tools: AtomicContext,
): AtomicContext {
  const { execution } = tools;
  const uuids = new Map(collections.map(({ name, uuid }) => [name, uuid]));
  return {
    ...tools,
    execution: { ...execution, store: execution.store.pinnedTo(uuids) },
  };
}

/** How often somebody who waits looks again. */
export const POLL_MS = 100;
