import type { JournalCollection, JournalStore } from "../ports/JournalStore";
import type { ExecutionContext } from "../ExecutionContext";

/**
 * Waiting times of the atomic protocol, in milliseconds; configurable to keep tests
 * short.
 */
export interface AtomicTimes {
  /** how long a journal belongs to one node only */
  readonly leaseMs: number;
  /** how long a final journal is kept: longer than the engine's own timeout */
  readonly tombstoneMs: number;
  /** how long to wait for a bulk whose response was lost */
  readonly taskWaitMs: number;
}

/** What the steps of an atomic batch need. */
export interface AtomicContext {
  readonly execution: ExecutionContext;
  readonly journals: JournalStore;
  readonly times: AtomicTimes;
  /** the maximum size of the documents that a journal may hold */
  readonly maxJournalBytes: number;
  readonly nodeId: string;
  /** milliseconds since the epoch, for leases */
  readonly epoch: () => number;
}

/**
 * Limits access to documents of these collections, not of later ones of the same name.
 */
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

/** How often a waiting loop checks again. */
export const POLL_MS = 100;
