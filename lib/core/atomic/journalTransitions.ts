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

/** A batch that is over, as far as this node is concerned. */
export interface FinishedBatch {
  readonly journal: Journal;
  /** keys of documents that the batch had written, and that this node has restored */
  readonly restored: readonly string[];
}

/** Nobody can say yet how the batch ends; recovery will finish it. */
export class OutcomeUnknown extends Error {}

/**
 * Rolls back a batch that this node has begun, and makes the journal final. Another
 * node may have taken it over meanwhile; what came of the batch after that is
 * restored here.
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
 * Commits a batch, unless another node has taken this one for dead: then it is
 * rolled back, for what that node has restored may have been a part only.
 *
 * @throws {OutcomeUnknown} when the decision can't be written down
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
 * Decides against a batch and takes its journal to this node.
 *
 * @returns undefined when somebody else was faster
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
 * Compare-and-set that knows its own writing: a change of which the answer was
 * lost is looked up before it is tried again.
 *
 * @returns undefined when somebody else has changed the journal
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

/**
 * A journal of which nobody knows whether it was written, and whose bulk was
 * never sent: it must not be taken for one that has something to roll back.
 * As far as the engine can be reached; else recovery finds nothing to restore.
 */
export async function discard(
  journal: Journal,
  tools: AtomicContext,
): Promise<void> {
  const nothing = { entries: [], modified: [], recheck: [] };
  const { journals } = tools;
  try {
    // with its id taken, the journal can't come after
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
 * A bulk whose answer was lost may still be at work, that of a rollback as well.
 *
 * @throws {OutcomeUnknown} when it is for too long
 */
export async function waitForBulk(
  id: string,
  { execution, times, epoch }: AtomicContext,
): Promise<void> {
  const deadline = epoch() + times.taskWaitMs;
  const bulks = [id, rollbackIdOf(id)];
  while (await execution.store.isBulkRunning(bulks)) {
    if (epoch() >= deadline) {
      throw new OutcomeUnknown("the engine is still at work on the bulk");
    }
    await execution.clock.sleep(POLL_MS);
  }
}

function asUnknown(error: unknown): unknown {
  return error instanceof EngineError || error instanceof RollbackInterrupted
    ? new OutcomeUnknown(error.message)
    : error;
}
