import { newRequestStats } from "../RequestStats";
import {
  addressKey,
  type Journal,
  type PendingJournals,
  type StoredJournal,
} from "../ports/JournalStore";
import {
  change,
  claim,
  leaseEnd,
  rollBackClaimed,
  waitForBulk,
} from "./journalTransitions";
import type { AtomicContext } from "./AtomicContext";
import { rollBack } from "./rollback";
import { NOTHING_KNOWN } from "./writeStatus";

/** What recovery reports to the log and the metrics. */
export interface RecoveryReports {
  /** a batch of a dead node has been finished */
  recovered(journal: Journal): void;
  pending(journals: PendingJournals): void;
  /** nothing is lost: the next sweep tries again */
  failed(error: Error): void;
}

/**
 * One sweep over the journals that no node owns any more. It rolls back those that are
 * not final, looks again at documents that a late bulk may have written, and removes
 * finished journals. If nothing is due, it is a single cheap call.
 *
 * Any number of nodes may sweep at once: the lease is a compare-and-set. A failure with
 * one journal does not hold up the next.
 *
 * @returns when the next journal is due, as far as is known; 0 if nothing is
 */
export async function sweep(
  tools: AtomicContext,
  reports: RecoveryReports,
): Promise<number> {
  const { journals, epoch } = tools;
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      reports.failed(error as Error);
    }
  };
  const each = (find: Find, finish: (due: StoredJournal) => Promise<void>) =>
    attempt(() => eachDue(find, (due) => attempt(() => finish(due))));

  const nextDueAt = async (): Promise<number> => {
    const pending = await journals.pending();
    reports.pending(pending);
    return pending.nextDueAt ?? Infinity;
  };
  const look = (): Promise<number> =>
    nextDueAt().catch((error: Error) => {
      reports.failed(error);
      return 0;
    });

  const dueAt = await look();
  if (dueAt > epoch()) {
    return dueAt;
  }
  await each(
    (except) => journals.findAbandoned(epoch(), except),
    (due) => recoverBatch(due, tools, reports),
  );
  await each(
    (except) => journals.findRechecks(epoch(), except),
    (due) => recheckBatch(due, tools, reports),
  );
  await attempt(() => journals.removeFinished(epoch()));
  return look();
}

type Find = (except: readonly string[]) => Promise<StoredJournal[]>;

/** Handles several in parallel, since one may have to wait long for the engine. */
async function eachDue(
  find: Find,
  finish: (due: StoredJournal) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  for (;;) {
    const due = await find(seen);
    if (due.length === 0) {
      return;
    }
    seen.push(...due.map(({ journal }) => journal.id));
    await Promise.all(due.map(finish));
  }
}

async function recoverBatch(
  due: StoredJournal,
  tools: AtomicContext,
  reports: RecoveryReports,
): Promise<void> {
  const claimed = await claim(due, tools);
  if (claimed !== undefined) {
    const { journal } = await rollBackClaimed(
      claimed,
      NOTHING_KNOWN,
      tools,
      newRequestStats(),
    );
    reports.recovered(journal);
  }
}

/**
 * Restores what a late bulk wrote after the batch was rolled back. By now the engine
 * can no longer be processing it, so the journal may be removed afterwards.
 */
async function recheckBatch(
  due: StoredJournal,
  tools: AtomicContext,
  reports: RecoveryReports,
): Promise<void> {
  const claimed = await change(
    due,
    { owner: tools.nodeId, dueAt: leaseEnd(tools) },
    tools,
  );
  if (claimed === undefined) {
    return;
  }
  const { journal } = claimed;
  await waitForBulk(journal.id, tools);
  const keys = new Set(journal.recheck);
  const entries = journal.entries.filter((entry) =>
    keys.has(addressKey(entry)),
  );
  const { ambiguous } = await rollBack(
    journal,
    entries,
    NOTHING_KNOWN,
    tools,
    newRequestStats(),
  );
  const over = { recheck: [], dueAt: tools.epoch() };
  if (ambiguous.length === 0) {
    await change(claimed, over, tools);
    return;
  }
  const named: Partial<Journal> = {
    ...over,
    state: "rollback_incomplete",
    modified: [...journal.modified, ...ambiguous],
    decidedAt: tools.epoch(),
  };
  if ((await change(claimed, named, tools)) !== undefined) {
    reports.recovered({ ...journal, ...named });
  }
}

/**
 * The pause until a journal is due, but short enough that a journal which another node
 * writes now does not wait much longer than until its lease ends.
 *
 * @returns milliseconds
 */
export function pauseBetween(
  dueInMs: number,
  intervalMs: number,
  leaseMs: number,
): number {
  const longestMs = Math.max(intervalMs, leaseMs / 4);
  return Math.min(Math.max(dueInMs, intervalMs), longestMs);
}

/**
 * Sweeps at once and then repeatedly, one sweep at a time.
 *
 * @param intervalMs between sweeps while something is due
 * @returns a function that stops it
 */
export function startRecovery(
  tools: AtomicContext,
  reports: RecoveryReports,
  intervalMs: number,
): () => void {
  let timer: NodeJS.Timeout;
  let isStopped = false;

  async function sweepAndWait(): Promise<void> {
    const dueInMs = (await sweep(tools, reports)) - tools.epoch();
    if (!isStopped) {
      const waitMs = pauseBetween(dueInMs, intervalMs, tools.times.leaseMs);
      timer = setTimeout(() => void sweepAndWait(), waitMs);
      timer.unref();
    }
  }

  void sweepAndWait();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
