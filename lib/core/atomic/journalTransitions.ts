import { EngineError } from "../ExecutionContext";
import type { RequestStats } from "../RequestStats";
import type {
  Journal,
  JournalStore,
  StoredJournal,
} from "../ports/JournalStore";
import { POLL_MS, type AtomicContext } from "./AtomicContext";
import { RollbackInterrupted } from "./presentDocuments";
import { rollbackIdOf } from "./restoreDocuments";
import { rollBack } from "./rollback";
import type { WriteStatuses } from "./writeStatus";

/** A batch that is over as far as this node is concerned. */
export interface FinishedBatch {
  readonly journal: Journal;
  /** keys of documents that the batch had written and this node restored */
  readonly restored: readonly string[];
}

/** The outcome of the batch is still open; recovery will finish it. */
export class OutcomeUnknown extends Error {}

/**
 * Rolls back a batch that this node began, and makes the journal final. If another node
 * took it over in the meantime, this restores what the batch wrote after that.
 *
 * @throws {OutcomeUnknown} when the engine is out of reach
 */
export async function rollBackOwn(
  stored: StoredJournal,
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<FinishedBatch> {
  const claimed = await claim(stored, tools);
  return claimed === undefined
    ? rollBackAfterOthers(stored.journal, statuses, tools, requestStats)
    : rollBackClaimed(claimed, statuses, tools, requestStats);
}

/**
 * Commits a batch, unless another node considered this one dead. Then it rolls the
 * batch back, since the other node may have restored only a part of it.
 *
 * @throws {OutcomeUnknown} when the decision can't be recorded
 */
export async function commit(
  stored: StoredJournal,
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<FinishedBatch> {
  const committed = await change(stored, decided("committed", tools), tools);
  return committed === undefined
    ? rollBackAfterOthers(stored.journal, statuses, tools, requestStats)
    : { journal: committed.journal, restored: [] };
}

/**
 * Marks a batch for rollback and makes this node the owner of its journal.
 *
 * @returns undefined when another node was faster
 * @throws {OutcomeUnknown}
 */
export function claim(
  stored: StoredJournal,
  tools: AtomicContext,
): Promise<StoredJournal | undefined> {
  return change(
    stored,
    { state: "rolling_back", owner: tools.nodeId, dueAt: leaseEnd(tools) },
    tools,
  );
}

/** @throws {OutcomeUnknown} */
export async function rollBackClaimed(
  claimed: StoredJournal,
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<FinishedBatch> {
  const { final, restored } = await rollBackAll(
    claimed.journal,
    statuses,
    tools,
    requestStats,
  );
  await change(claimed, final, tools);
  return { journal: { ...claimed.journal, ...final }, restored };
}

async function rollBackAfterOthers(
  journal: Journal,
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<FinishedBatch> {
  const { final, restored } = await rollBackAll(
    journal,
    statuses,
    tools,
    requestStats,
  );
  return { journal: { ...journal, ...final }, restored };
}

async function rollBackAll(
  journal: Journal,
  statuses: WriteStatuses,
  tools: AtomicContext,
  requestStats: RequestStats,
): Promise<{ final: Partial<Journal>; restored: readonly string[] }> {
  try {
    await waitForBulk(journal.id, tools);
    const { modified, recheck, restored } = await rollBack(
      journal,
      journal.entries,
      statuses,
      tools,
      requestStats,
    );
    const state = modified.length === 0 ? "rolled_back" : "rollback_incomplete";
    return { final: { ...decided(state, tools), modified, recheck }, restored };
  } catch (error) {
    throw asUnknown(error);
  }
}

function decided(
  state: Journal["state"],
  { epoch, times }: AtomicContext,
): Pick<Journal, "state" | "decidedAt" | "dueAt"> {
  const decidedAt = epoch();
  return { state, decidedAt, dueAt: decidedAt + times.tombstoneMs };
}

export function leaseEnd({ epoch, times }: AtomicContext): number {
  return epoch() + times.leaseMs;
}

/**
 * Compare-and-set that recognizes its own write: if the response to a change is lost,
 * it reads the journal before it tries again.
 *
 * @returns undefined when another node has changed the journal
 * @throws {OutcomeUnknown} when the engine stays out of reach
 */
export async function change(
  { journal, version }: StoredJournal,
  changes: Partial<Journal>,
  { journals, execution, times, epoch }: AtomicContext,
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
      await execution.clock.sleep(POLL_MS);
    }
  }
}

/** The stored journal, if it is the one we meant to write. */
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

/**
 * Discards a journal that may or may not have been written, and whose bulk was never
 * sent, so that nobody tries to roll it back. If the engine is out of reach, the
 * journal may stay, and recovery finds nothing to restore.
 */
export async function discard(
  journal: Journal,
  tools: AtomicContext,
): Promise<void> {
  const nothing = { entries: [], modified: [], recheck: [] };
  const { journals } = tools;
  try {
    // with its id taken, a delayed write of the journal fails
    await journals.create({
      ...journal,
      ...decided("rolled_back", tools),
      ...nothing,
    });
  } catch (error) {
    if (!(error instanceof EngineError)) {
      throw error;
    }
    const stored = await journals.read(journal.id).catch(ignoreEngine);
    if (stored?.journal.state === "pending") {
      await journals.remove(journal.id, stored.version).catch(ignoreEngine);
    }
  }
}

function ignoreEngine(error: unknown): undefined {
  if (!(error instanceof EngineError)) {
    throw error;
  }
}

/**
 * Waits for a bulk whose response was lost, since the engine may still be processing
 * it; also for that of a rollback.
 *
 * @throws {OutcomeUnknown} when it takes too long
 */
export async function waitForBulk(
  id: string,
  { execution, times, epoch }: AtomicContext,
): Promise<void> {
  const deadline = epoch() + times.taskWaitMs;
  const bulks = [id, rollbackIdOf(id)];
  while (await execution.store.isBulkRunning(bulks)) {
    if (epoch() >= deadline) {
      throw new OutcomeUnknown("Elasticsearch is still processing the bulk");
    }
    await execution.clock.sleep(POLL_MS);
  }
}

function asUnknown(error: unknown): unknown {
  return error instanceof EngineError || error instanceof RollbackInterrupted
    ? new OutcomeUnknown(error.message)
    : error;
}
