import { EngineError, type Engine } from "../engine";
import type { Tally } from "../tally";
import {
  isFinal,
  type Journal,
  type JournalStore,
  type StoredJournal,
} from "../../storage/JournalStore";
import { undo, UndoInterrupted } from "./undo";

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
export interface AtomicTools {
  readonly engine: Engine;
  readonly journals: JournalStore;
  readonly times: AtomicTimes;
  readonly nodeId: string;
  /** milliseconds since the epoch, as leases need them */
  readonly epoch: () => number;
}

/** Nobody can say yet how the batch ends; recovery will settle it. */
export class OutcomeUnknown extends Error {}

const POLL_MS = 100;

/**
 * Gives a batch up: undoes it and makes the journal final.
 *
 * @returns the final journal, also when another node was faster
 * @throws {OutcomeUnknown} when the engine is out of reach
 */
export async function giveUp(
  stored: StoredJournal,
  tools: AtomicTools,
  tally: Tally,
): Promise<Journal> {
  const claimed = await change(
    stored,
    { state: "undoing", owner: tools.nodeId, dueAt: leaseEnd(tools) },
    tools,
  );
  if (claimed === undefined) {
    return settledByOthers(stored.journal.id, tools);
  }
  try {
    await waitForBulk(stored.journal.id, tools);
    const foreign = await undo(
      claimed.journal,
      tools.journals,
      tools.engine,
      tally,
    );
    const final = await change(claimed, finalState(foreign, tools), tools);
    return final?.journal ?? (await settledByOthers(claimed.journal.id, tools));
  } catch (error) {
    throw asUnknown(error);
  }
}

/** @throws {OutcomeUnknown} when the decision can't be written down */
export async function commit(
  stored: StoredJournal,
  tools: AtomicTools,
): Promise<Journal> {
  const committed = await change(
    stored,
    { state: "committed", dueAt: tools.epoch() + tools.times.tombstoneMs },
    tools,
  );
  return committed?.journal ?? settledByOthers(stored.journal.id, tools);
}

export function leaseEnd({ epoch, times }: AtomicTools): number {
  return epoch() + times.leaseMs;
}

function finalState(
  foreign: readonly string[],
  { epoch, times }: AtomicTools,
): Pick<Journal, "state" | "foreign" | "dueAt"> {
  return {
    state: foreign.length === 0 ? "rolled_back" : "rollback_incomplete",
    foreign,
    dueAt: epoch() + times.tombstoneMs,
  };
}

/**
 * Compare-and-set that knows its own writing: a change of which the answer was
 * lost is looked up before it is tried again.
 *
 * @returns undefined when somebody else has changed the journal
 * @throws {OutcomeUnknown} when the engine stays out of reach
 */
export async function change(
  { journal, version }: StoredJournal,
  changes: Partial<Journal>,
  { journals, engine, times, epoch }: AtomicTools,
): Promise<StoredJournal | undefined> {
  const changed: Journal = { ...journal, ...changes };
  const deadline = epoch() + times.taskWaitMs;
  for (;;) {
    try {
      const next = await journals.replace(changed, version);
      if (next !== undefined) {
        return { journal: changed, version: next };
      }
      return await ownWriting(changed, journals);
    } catch (error) {
      if (!(error instanceof EngineError) || epoch() >= deadline) {
        throw asUnknown(error);
      }
      await engine.clock.sleep(POLL_MS);
    }
  }
}

/** The journal as stored, if it is what we were about to write. */
async function ownWriting(
  wanted: Journal,
  journals: JournalStore,
): Promise<StoredJournal | undefined> {
  const stored = await journals.read(wanted.id);
  return stored !== undefined &&
    stored.journal.state === wanted.state &&
    stored.journal.owner === wanted.owner &&
    stored.journal.dueAt === wanted.dueAt
    ? stored
    : undefined;
}

/** Another node has the journal: its word holds. */
async function settledByOthers(
  id: string,
  { journals, engine, times, epoch }: AtomicTools,
): Promise<Journal> {
  const deadline = epoch() + times.leaseMs;
  while (epoch() < deadline) {
    try {
      const stored = await journals.read(id);
      if (stored === undefined) {
        break;
      }
      if (isFinal(stored.journal)) {
        return stored.journal;
      }
    } catch (error) {
      if (!(error instanceof EngineError)) {
        throw error;
      }
    }
    await engine.clock.sleep(POLL_MS);
  }
  throw new OutcomeUnknown(`journal ${id} is not settled`);
}

/** A bulk whose answer was lost may still be at work. */
async function waitForBulk(
  id: string,
  { engine, times, epoch }: AtomicTools,
): Promise<void> {
  const deadline = epoch() + times.taskWaitMs;
  while (await engine.store.isBulkRunning(id)) {
    if (epoch() >= deadline) {
      throw new OutcomeUnknown("the engine is still at work on the bulk");
    }
    await engine.clock.sleep(POLL_MS);
  }
}

function asUnknown(error: unknown): unknown {
  return error instanceof EngineError || error instanceof UndoInterrupted
    ? new OutcomeUnknown(error.message)
    : error;
}
